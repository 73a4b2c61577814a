using CpfPipeline.Data;
using CpfPipeline.Matching;
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
    private readonly HashSet<long> _gone = [];
    private ServingModel? _model;
    private bool _fits = true;
    private long _seq;

    /// <summary>Members held; 0 when none are.</summary>
    public long Count => _known.Count;

    public void Dispose() => _gate.Dispose();

    /// <summary>Joins contents exactly with all members.</summary>
    /// <param name="model">The active model.</param>
    /// <param name="contents">The contents.</param>
    /// <param name="worthwhile">Told the number of members; false leaves it at that.</param>
    /// <param name="sink">Receives (row of the content, member, similarity) of every pair at or above the threshold, one at a time.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The position up to which members were compared; null when nothing was, because they do not fit or it was not worthwhile.</returns>
    public async Task<long?> JoinAsync(
        ServingModel model, EmbeddingMatrix contents, Func<long, bool> worthwhile, Action<int, long, double> sink, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!await CatchUpAsync(model, cancellationToken) || !worthwhile(_known.Count))
            {
                return null;
            }

            var join = new BlockJoin(contents, model.Threshold);
            foreach (var block in _blocks)
            {
                join.Accept(block, (left, right, similarity) =>
                {
                    var member = block.ContentId(right);
                    if (!_gone.Contains(member))
                    {
                        sink(left, member, similarity);
                    }
                }, cancellationToken);
            }

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
        if (await IsOutdatedAsync(connection, model, movements, cancellationToken))
        {
            await LoadAsync(connection, model, cancellationToken);
            movements = await GroupStore.ReadMovementsAsync(connection, model.ModelId, _seq, cancellationToken);
        }

        if (_fits && movements.Count > 0)
        {
            // Who comes back with the same embedding is there already.
            var joined = movements.Where(m => m.Joined && !_known.Contains(m.ContentId)).Select(m => m.ContentId).Distinct().ToArray();
            await EmbeddingReader.ReadAsync(connection, model.HeadId, model.EmbeddingDim, joined, (id, _, embedding) => Add(id, embedding), cancellationToken);
            foreach (var movement in movements)
            {
                _ = movement.Joined ? _gone.Remove(movement.ContentId) : _gone.Add(movement.ContentId);
            }

            _seq = movements[^1].Seq;
        }

        if (!Fits(_known.Count, model.EmbeddingDim))
        {
            Clear();
            _fits = false;
        }

        return _fits;
    }

    /// <summary>
    /// Whether the movements do not tell enough. An erased content has lost its id in them, so it cannot be found here any more (nor should it stay here); and
    /// one whose bytes were collected and came back was embedded anew, perhaps by another processor to other bits.
    /// </summary>
    private async Task<bool> IsOutdatedAsync(
        NpgsqlConnection connection, ServingModel model, List<(long Seq, long ContentId, bool Joined)> movements, CancellationToken cancellationToken)
    {
        if (movements.Exists(m => m.ContentId < 0))
        {
            return true;
        }

        var back = movements.Where(m => m.Joined && _known.Contains(m.ContentId)).Select(m => m.ContentId).ToHashSet();
        if (back.Count == 0)
        {
            return false;
        }

        var stored = new EmbeddingMatrix(model.EmbeddingDim, back.Count);
        await EmbeddingReader.ReadAsync(connection, model.HeadId, model.EmbeddingDim, back, (id, _, embedding) => stored.Add(id, embedding), cancellationToken);
        var rows = Enumerable.Range(0, stored.Count).ToDictionary(stored.ContentId);
        foreach (var block in _blocks)
        {
            for (var row = 0; row < block.Count; row++)
            {
                var id = block.ContentId(row);
                if (back.Contains(id) && rows.TryGetValue(id, out var now) && !stored.Row(now).SequenceEqual(block.Row(row)))
                {
                    return true;
                }
            }
        }

        return false;
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

    private bool Fits(long members, int dimension) => members * dimension * 2 <= options.Value.GalleryMegabytes * 1024L * 1024;

    private void Add(long contentId, ReadOnlySpan<Half> embedding)
    {
        if (!_known.Add(contentId))
        {
            return;
        }

        if (_blocks.Count == 0 || _blocks[^1].Count == BlockRows)
        {
            _blocks.Add(new EmbeddingMatrix(embedding.Length));
        }

        _blocks[^1].Add(contentId, embedding);
    }

    private void Clear()
    {
        _model = null;
        _blocks.Clear();
        _known.Clear();
        _gone.Clear();
        _seq = 0;
    }
}
