using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outages;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using Npgsql;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// Examines once every picture that was embedded before blanks were recognised. The database records how far it is, and one
/// Embedder at a time works on it.
/// </summary>
internal sealed class BlankSweep(
    NpgsqlDataSource dataSource, IBlobStore blobs, OutboxDispatcher dispatcher, IPictureDecoder decoder, ILogger<BlankSweep> logger)
{
    private const int ChunkSize = 100;

    // Turns that end at the same picture, with the pause between turns that the loop makes.
    private const int MaxTries = 3;

    private static readonly InputSpec Spec = new(224, 224, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly float[] _row = new float[Spec.RowLength];
    private int _unread;

    /// <summary>Examines the next pictures and marks the blank ones.</summary>
    /// <returns>False when none is left, or another Embedder does this.</returns>
    public async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TryTakeAsync(dataSource, "cpf.blank_sweep", cancellationToken);
        if (held is null)
        {
            return false;
        }

        var connection = held.Connection;
        var chunk = await connection.Sql(
            """
            select c.content_id, c.sha256
            from cpf.blank_sweep s
            left join lateral (
                select content_id, sha256
                from cpf.contents
                where content_id >= s.next_content_id and created_at < s.embedded_before and state = 'stored'
                order by content_id
                limit $1
            ) c on true
            """, [ChunkSize]).QueryAsync(
                row => row.IsDBNull(0) ? default : (Id: row.GetInt64(0), Sha256: row.GetFieldValue<byte[]>(1)), cancellationToken);
        if (chunk.Count == 0)
        {
            return false;
        }

        var contents = chunk.Where(c => c.Sha256 is not null).ToList();
        if (contents.Count == 0)
        {
            await connection.Sql("delete from cpf.blank_sweep", []).ExecuteAsync(cancellationToken);
            return false;
        }

        var blank = new List<long>();
        foreach (var (id, sha256) in contents)
        {
            if (await IsBlankAsync(id, sha256, cancellationToken))
            {
                blank.Add(id);
            }
        }

        IReadOnlyList<OutboxMessage> outbox;
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            await EmbeddingStore.MarkBlankAsync(connection, blank, cancellationToken);
            await connection.Sql("update cpf.blank_sweep set next_content_id = $1", [contents[^1].Id + 1]).ExecuteAsync(cancellationToken);

            // The Matcher looks again at contents that were released, and finds them to be placeholders.
            outbox = await OutboxStore.AppendAsync(
                connection, blank.Count == 0 ? [] : [new ContentReleased { ContentIds = blank }], cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        _unread = 0;

        await dispatcher.DispatchAsync(outbox, cancellationToken);
        return true;
    }

    private async Task<bool> IsBlankAsync(long contentId, byte[] sha256, CancellationToken cancellationToken)
    {
        try
        {
            return decoder.Decode(await blobs.ReadAsync(sha256, cancellationToken), Spec, _row).IsBlank;
        }
        catch (BlobMissingException)
        {
            return false; // Erased or collected in the meantime.
        }
        catch (IOException e) when (!Outage.IsCertain(e) && ++_unread >= MaxTries)
        {
            _unread = 0;
            Log.BlankUnread(logger, contentId, e);
            return false; // A damaged file must not hold up those behind it.
        }
    }
}
