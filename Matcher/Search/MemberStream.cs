using System.Collections.Concurrent;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matching.Embeddings;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>Streams a model's members from Postgres in blocks. Reading a block overlaps with the work on the one before.</summary>
internal static class MemberStream
{
    private const int BlockRows = 16_384;

    /// <summary>Hands all members to <paramref name="accept"/>, a block at a time.</summary>
    /// <param name="connection">Connection; its transaction, if any, fixes the snapshot.</param>
    /// <param name="model">The model.</param>
    /// <param name="accept">Receives embeddings and, row by row, their component ids.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Members streamed.</returns>
    public static async Task<long> ReadAsync(
        NpgsqlConnection connection, ServingModel model, Action<EmbeddingMatrix, IReadOnlyList<long>> accept,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var blocks = new BlockingCollection<Block>(2);
        var consumer = Task.Run(() =>
        {
            try
            {
                foreach (var block in blocks.GetConsumingEnumerable(stop.Token))
                {
                    accept(block.Rows, block.Components);
                }
            }
            catch
            {
                stop.Cancel(); // Otherwise the reader would wait for room for ever.
                throw;
            }
        }, CancellationToken.None);

        long members = 0;
        var current = new Block(model.EmbeddingDim);
        try
        {
            await EmbeddingReader.StreamMembersAsync(
                connection, model.HeadId, model.ModelId, model.EmbeddingDim,
                (contentId, componentId, embedding) =>
                {
                    members++;
                    current.Rows.Add(contentId, embedding);
                    current.Components.Add(componentId);
                    if (current.Rows.Count == BlockRows)
                    {
                        blocks.Add(current, stop.Token);
                        current = new Block(model.EmbeddingDim);
                    }
                },
                stop.Token);
            if (current.Rows.Count > 0)
            {
                blocks.Add(current, stop.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The consumer stopped it; its exception is thrown below.
        }
        finally
        {
            blocks.CompleteAdding();
        }

        await consumer;
        return members;
    }

    private sealed record Block(int Dimension)
    {
        public EmbeddingMatrix Rows { get; } = new(Dimension, BlockRows);

        public List<long> Components { get; } = new(BlockRows);
    }
}
