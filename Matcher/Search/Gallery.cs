using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>
/// The embeddings of the active model's members in memory. Each use first brings them up to date from <c>cpf.group_events</c>. Joining a
/// batch of arrivals with 100,000 members then takes milliseconds, and no search is approximate. Each Matcher has its own.
/// </summary>
internal sealed class Gallery(NpgsqlDataSource dataSource, IOptions<MatcherOptions> options) : IDisposable
{
    private const int BlockRows = 16_384;

    private readonly SemaphoreSlim _gate = new(1);
    private readonly List<EmbeddingMatrix> _blocks = [];
    private readonly HashSet<long> _known = [];
    private ServingModel? _model;
    private bool _fits = true;
    private long _seq;

    /// <summary>Members held; 0 when none are.</summary>
    public long Count => _known.Count;

    public void Dispose() => _gate.Dispose();

    /// <summary>Hands over all members, to be joined with something.</summary>
    /// <param name="model">The model.</param>
    /// <param name="isWorthwhile">Given the number of members, whether to join them.</param>
    /// <param name="join">Receives block after block of members.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>
    /// The position of the group events up to which members were joined. Null: none were, because they do not fit or it was not worthwhile.
    /// </returns>
    public async Task<long?> JoinAsync(
        ServingModel model, Func<long, bool> isWorthwhile, Action<EmbeddingMatrix> join, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!await CatchUpAsync(model, cancellationToken) || !isWorthwhile(_known.Count))
            {
                return null;
            }

            _blocks.ForEach(join);
            return _seq;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<bool> CatchUpAsync(ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        if (_model?.ModelId != model.ModelId)
        {
            await LoadAsync(connection, model, cancellationToken);
        }

        if (!_fits)
        {
            return false;
        }

        var movements = await GroupStore.ReadMovementsAsync(connection, model.ModelId, _seq, cancellationToken);
        if (movements.Exists(m => m.ContentId < 0) || await GroupStore.LastRemovedSeqAsync(connection, cancellationToken) > _seq)
        {
            // The events of an erased content have another id, so it cannot be found here by them. It must not stay here: read everything
            // again. So too when events were removed as old that were not read here.
            await LoadAsync(connection, model, cancellationToken);
            movements = await GroupStore.ReadMovementsAsync(connection, model.ModelId, _seq, cancellationToken);
        }

        if (_fits && movements.Count > 0)
        {
            // A content that left is taken out. One that came back is read again: its embedding may have been deleted and computed again
            // with other bits.
            var last = movements.GroupBy(m => m.ContentId).ToDictionary(g => g.Key, g => g.Last().Joined);
            Remove([.. last.Keys.Where(_known.Contains)]);
            await EmbeddingReader.ReadAsync(
                connection, model.HeadId, model.EmbeddingDim, [.. last.Where(m => m.Value).Select(m => m.Key)],
                (id, _, embedding) => Add(id, embedding),
                cancellationToken);
            _seq = movements[^1].Seq;
        }

        if (!Fits(_known.Count, model.EmbeddingDim))
        {
            Clear();
            _fits = false;
        }

        return _fits;
    }

    private async Task LoadAsync(NpgsqlConnection connection, ServingModel model, CancellationToken cancellationToken)
    {
        Clear();
        _fits = Fits(await MembershipStore.CountMembersAsync(connection, model.ModelId, cancellationToken), model.EmbeddingDim);
        if (_fits)
        {
            // The position is read first: events between it and the snapshot of the members are applied twice, which changes nothing.
            var seq = await GroupStore.LastSeqAsync(connection, cancellationToken);
            await EmbeddingReader.StreamMembersAsync(
                connection, model.HeadId, model.ModelId, model.EmbeddingDim, (id, _, embedding) => Add(id, embedding), cancellationToken);
            _seq = seq;
        }

        _model = model;
    }

    private bool Fits(long members, int dimension) => members * dimension * 3 <= options.Value.GalleryMegabytes * 1024L * 1024;

    private void Add(long contentId, ReadOnlySpan<Half> embedding)
    {
        if (!_known.Add(contentId))
        {
            return;
        }

        if (_blocks.Count == 0 || _blocks[^1].Count == BlockRows)
        {
            _blocks.Add(new EmbeddingMatrix(embedding.Length) { KeepsRounded = true });
        }

        _blocks[^1].Add(contentId, embedding);
    }

    private void Remove(HashSet<long> contentIds)
    {
        if (contentIds.Count == 0)
        {
            return;
        }

        _known.ExceptWith(contentIds);
        for (var i = _blocks.Count - 1; i >= 0; i--)
        {
            var block = _blocks[i];
            if (!block.ContentIds.ToArray().Any(contentIds.Contains))
            {
                continue;
            }

            var rest = new EmbeddingMatrix(block.Dimension, block.Count) { KeepsRounded = true };
            for (var row = 0; row < block.Count; row++)
            {
                if (!contentIds.Contains(block.ContentId(row)))
                {
                    rest.Add(block.ContentId(row), block.Row(row));
                }
            }

            _blocks[i] = rest;
        }

        _blocks.RemoveAll(b => b.Count == 0);
    }

    private void Clear()
    {
        _model = null;
        _blocks.Clear();
        _known.Clear();
        _seq = 0;
    }
}
