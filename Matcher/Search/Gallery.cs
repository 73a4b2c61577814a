using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using CpfPipeline.Matching.Embeddings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Search;

/// <summary>
/// The embeddings of the active model's members in memory, kept up to date from <c>cpf.group_events</c> by whoever needs them: joining a
/// batch of arrivals with 100,000 members then takes milliseconds and no search is approximate. Several Matchers each keep their own.
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
    /// <param name="worthwhile">Told the number of members; false leaves it at that.</param>
    /// <param name="join">Is given block after block of members.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The position up to which members were compared; null when nothing was, because they do not fit or it was not worthwhile.</returns>
    public async Task<long?> JoinAsync(
        ServingModel model, Func<long, bool> worthwhile, Action<EmbeddingMatrix> join, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!await CatchUpAsync(model, cancellationToken) || !worthwhile(_known.Count))
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
        if (movements.Exists(m => m.ContentId < 0))
        {
            // An erased content has lost its id in what is told: it cannot be found here any more, nor should it stay here.
            await LoadAsync(connection, model, cancellationToken);
            movements = await GroupStore.ReadMovementsAsync(connection, model.ModelId, _seq, cancellationToken);
        }

        if (_fits && movements.Count > 0)
        {
            // Who left is taken out, and who came back is read again: bytes that were collected and came back may have been embedded to other bits.
            var last = movements.GroupBy(m => m.ContentId).ToDictionary(g => g.Key, g => g.Last().Joined);
            Remove([.. last.Keys.Where(_known.Contains)]);
            await EmbeddingReader.ReadAsync(
                connection, model.HeadId, model.EmbeddingDim, [.. last.Where(m => m.Value).Select(m => m.Key)], (id, _, embedding) => Add(id, embedding), cancellationToken);
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
        var (_, members) = await ReconcileStore.ReadIndexStateAsync(connection, model.HeadId, model.ModelId, cancellationToken);
        _fits = Fits(members, model.EmbeddingDim);
        if (_fits)
        {
            // The position first: events between it and the snapshot of the members are applied twice, which changes nothing.
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
