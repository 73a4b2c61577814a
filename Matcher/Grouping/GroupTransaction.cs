using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Placeholders;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>The part of an update that happens under the group lock. It decides from what is committed by then, and writes.</summary>
/// <remarks>
/// No edge is lost between concurrent updates. Let A and B be similar, and let A's membership be committed first. Then B's transaction sees
/// A as a member. B's search has compared B with A, unless A came in after that search began. A search knows the position of the group
/// events it was made at. The contents that came in after it are read under the lock by their events and compared here. Statements at READ
/// COMMITTED after the lock see everything that earlier holders wrote.
/// </remarks>
internal sealed class GroupTransaction
{
    private readonly NpgsqlConnection _connection;
    private readonly ServingModel _model;
    private readonly GroupRequest _request;
    private readonly MatcherOptions _options;
    private readonly ChangeSet _changes = new();
    private readonly EmbeddingMatrix _searched;
    private HashSet<long> _arrivals = [];
    private List<GroupMember> _departures = [];
    private IReadOnlyList<PlaceholderEvent> _placeholders = [];
    private int _deferred;

    private GroupTransaction(NpgsqlConnection connection, ServingModel model, GroupRequest request, MatcherOptions options)
    {
        (_connection, _model, _request, _options) = (connection, model, request, options);
        _searched = request.Search.Searched;
    }

    /// <summary>Runs in the caller's transaction and takes the lock.</summary>
    /// <returns>
    /// What was done. Null: what the search rests on has changed since, or the model's state has; roll back and search again.
    /// </returns>
    public static Task<GroupOutcome?> TryApplyAsync(
        NpgsqlConnection connection, ServingModel model, GroupRequest request, MatcherOptions options,
        CancellationToken cancellationToken) =>
        new GroupTransaction(connection, model, request, options).TryApplyAsync(cancellationToken);

    // A shadow has no events. Its activation announces all differences from the groups before at once.
    private bool IsActive => _model.State == ModelState.Active;

    private async Task<GroupOutcome?> TryApplyAsync(CancellationToken cancellationToken)
    {
        await TransactionLocks.TakeGroupsAsync(_connection, cancellationToken);
        var serving = await ModelStore.LockServingAsync(_connection, cancellationToken);
        if (!serving.Any(m => m.ModelId == _model.ModelId && m.State == _model.State))
        {
            return null;
        }

        var weakened = await ReadStatesAsync(cancellationToken);
        var searched = _searched.ContentIds.ToArray().ToHashSet();
        if (!_arrivals.IsSubsetOf(searched) || (_arrivals.Count > 0 && _request.Search.IsAmongMembers))
        {
            return null;
        }

        if (await ReadEdgesAsync(searched, weakened, cancellationToken) is not { } touched)
        {
            return null;
        }

        await RegroupAsync(touched, cancellationToken);
        var changes = _changes.Build(tell: IsActive);

        // A shadow has no events that show which contents came in since the search. If two Matchers ever kept the same shadow, neither
        // would see the other's arrivals. So they are left to the next reconcile.
        changes.InsertsAreReconciled = IsActive && _request.Search.IsExact;
        var seqs = await GroupWriter.ApplyAsync(_connection, _model.ModelId, changes, cancellationToken);
        if (_request.Reconciled.Count > 0)
        {
            await ReconcileStore.MarkReconciledAsync(
                _connection, _model.ModelId, _request.Reconciled, _request.ReconciledAsOfSeq, cancellationToken);
        }

        if (_request.StaleSeqs.Count > 0)
        {
            await ModelStaleStore.DeleteAsync(_connection, _model.ModelId, _request.StaleSeqs, cancellationToken);
        }

        var outbox = await OutboxStore.AppendAsync(
            _connection, [.. Announcement.Of(_placeholders), .. Announcement.Of(_model.ModelId, changes.Events, seqs)], cancellationToken);
        return new GroupOutcome(outbox, _arrivals.Count, _departures.Count, _deferred);
    }

    /// <summary>Fills arrivals and departures. Returns the components that lose a content or an edge.</summary>
    private async Task<HashSet<long>> ReadStatesAsync(CancellationToken cancellationToken)
    {
        if (_request.ContentIds.Count == 0)
        {
            return [];
        }

        var states = await MembershipStore.ReadStatesAsync(
            _connection, _model.HeadId, _model.ModelId, _request.ContentIds, cancellationToken);
        if (IsActive)
        {
            await SourcePlaceholderStore.RecordAsync(_connection, _request.ContentIds, cancellationToken);
            _placeholders = await PlaceholderStore.RecordAsync(
                _connection, [.. states.Select(s => (s.ContentId, s.Placeholder))], cancellationToken);
        }

        _arrivals = [.. states.Where(s => s.Arrives).Select(s => s.ContentId)];
        _departures = [.. states.Where(s => s.Leaves).Select(s => s.Member!.Value)];
        var weakened = _request.Recompute ? states.Where(s => s.Member is not null).Select(s => s.Member!.Value) : _departures;
        return [.. weakened.Select(m => m.ComponentId)];
    }

    private async Task<IReadOnlyList<TouchedComponent>?> ReadEdgesAsync(
        HashSet<long> searched, HashSet<long> weakened, CancellationToken cancellationToken)
    {
        var edges = _request.Search.Edges;
        var verdicts = VerdictSet.Empty;
        List<(long A, long B)> strict = [.. edges.Edges];
        if (searched.Count > 0)
        {
            await CompareLatecomersAsync(strict, cancellationToken);
            verdicts = new VerdictSet(await VerdictStore.ReadTouchingAsync(_connection, searched, cancellationToken));
            if (!verdicts.EqualsFor(searched, _request.Search.Verdicts))
            {
                return null;
            }
        }

        List<(long A, long B)> lenient = [.. verdicts.Same];
        if (_request.MissedPairs.Count > 0)
        {
            var ends = _request.MissedPairs.SelectMany(p => new[] { p.A, p.B }).Distinct().ToArray();
            var between = new VerdictSet(await VerdictStore.ReadBetweenAsync(_connection, ends, cancellationToken));
            lenient.AddRange(_request.MissedPairs.Where(p => !between.AreDifferent(p.A, p.B)));
        }

        var others = strict.Concat(lenient).SelectMany(e => new[] { e.A, e.B }).Where(id => !_arrivals.Contains(id)).ToHashSet();
        var members = await GroupStore.ReadMembersAsync(_connection, _model.ModelId, others, cancellationToken);

        // A forest leaves out edges between contents that it connects already. Without one end of a kept edge that connection may be gone.
        var leaving = _departures.Select(d => d.ContentId).ToHashSet();
        members.RemoveAll(m => leaving.Contains(m.ContentId));
        var present = members.Select(m => m.ContentId).ToHashSet();
        if (strict.Exists(e => !(Present(e.A) && Present(e.B))))
        {
            return null;
        }

        return TouchedComponents.Find(_arrivals, members, strict.Concat(lenient), weakened);

        bool Present(long id) => _arrivals.Contains(id) || present.Contains(id);
    }

    /// <summary>Compares the contents searched for with the members that came in since, and keeps their matches for explanation.</summary>
    private async Task CompareLatecomersAsync(List<(long A, long B)> edges, CancellationToken cancellationToken)
    {
        var movements = await GroupStore.ReadMovementsAsync(_connection, _model.ModelId, _request.Search.AsOfSeq, cancellationToken);
        if (movements.Count == 0)
        {
            return;
        }

        var ids = movements.Where(m => m.Joined).Select(m => m.ContentId).Distinct().ToArray();
        var members = await GroupStore.ReadMembersAsync(_connection, _model.ModelId, ids, cancellationToken);
        var latecomers = new EmbeddingMatrix(_model.EmbeddingDim, members.Count);
        await EmbeddingReader.ReadAsync(
            _connection, _model.HeadId, _model.EmbeddingDim, [.. members.Select(m => m.ContentId)],
            (id, _, embedding) => latecomers.Add(id, embedding), cancellationToken);
        var gone = _departures.Select(d => d.ContentId).ToHashSet();
        var kept = KeptPairs.MatchesOnly(_searched, _options, _model.Threshold);
        kept.NewJoin().Accept(latecomers, (left, right, _) =>
        {
            var (a, b) = (_searched.ContentId(left), latecomers.ContentId(right));
            if (!gone.Contains(a) && !gone.Contains(b) && !_request.Search.Verdicts.AreDifferent(a, b))
            {
                edges.Add((a, b));
            }
        }, cancellationToken);
        await MatchStore.AddAsync(_connection, _model.HeadId, kept.ToRows(), cancellationToken);
    }

    private async Task RegroupAsync(IReadOnlyList<TouchedComponent> touched, CancellationToken cancellationToken)
    {
        var leaving = _departures.Select(d => d.ContentId).ToArray();
        var componentIds = touched.SelectMany(t => t.ComponentIds).ToArray();
        var sizes = componentIds.Length == 0
            ? []
            : (await GroupStore.ReadSizesAsync(_connection, _model.ModelId, componentIds, leaving, cancellationToken))
                .ToDictionary(s => s.ComponentId);
        int SizeOf(TouchedComponent t) => t.Arrivals.Count + t.ComponentIds.Sum(id => sizes.TryGetValue(id, out var size) ? size.Size : 0);

        var online = touched.Where(t => SizeOf(t) <= _options.MaxOnlineComponent).ToArray();
        var deferral = new Deferral(_connection, _model.ModelId, _changes, _departures);
        foreach (var giant in touched.Where(t => SizeOf(t) > _options.MaxOnlineComponent))
        {
            await deferral.AddAsync(giant, sizes, cancellationToken);
            _deferred += giant.Arrivals.Count;
        }

        // The common case first: an arrival without any neighbour.
        foreach (var single in online.Where(t => t.Arrivals.Count == 1 && t.ComponentIds.Count == 0))
        {
            var id = single.Arrivals[0];
            _changes.Join(new GroupMember(id, id, id, false));
        }

        await RegroupOnlineAsync([.. online.Where(t => t.Arrivals.Count != 1 || t.ComponentIds.Count > 0)], cancellationToken);
    }

    private async Task RegroupOnlineAsync(IReadOnlyList<TouchedComponent> touched, CancellationToken cancellationToken)
    {
        if (touched.Count == 0)
        {
            return;
        }

        var componentIds = touched.SelectMany(t => t.ComponentIds).ToArray();
        var members = await GroupStore.ReadComponentsAsync(_connection, _model.ModelId, componentIds, cancellationToken);
        var rows = new EmbeddingMatrix(_model.EmbeddingDim, members.Count);
        await EmbeddingReader.ReadComponentsAsync(
            _connection, _model.HeadId, _model.ModelId, _model.EmbeddingDim, componentIds, (id, _, embedding) => rows.Add(id, embedding),
            cancellationToken);
        var rowOf = Enumerable.Range(0, rows.Count).ToDictionary(rows.ContentId);
        var searchedRowOf = Enumerable.Range(0, _searched.Count).ToDictionary(_searched.ContentId);
        var verdicts = new VerdictSet(await VerdictStore.ReadBetweenAsync(
            _connection, [.. members.Select(m => m.ContentId), .. touched.SelectMany(t => t.Arrivals)], cancellationToken));
        var byComponent = members.ToLookup(m => m.ComponentId);
        var leaving = _departures.Select(d => d.ContentId).ToHashSet();
        foreach (var component in touched)
        {
            GroupMember[] before = [.. component.ComponentIds.SelectMany(id => byComponent[id])];

            // A member without an embedding is not live, even when no message has said so.
            var left = before.Where(m => leaving.Contains(m.ContentId) || !rowOf.ContainsKey(m.ContentId)).ToArray();
            var stayed = before.Except(left).ToArray();
            var contents = new EmbeddingMatrix(_model.EmbeddingDim, stayed.Length + component.Arrivals.Count);
            foreach (var member in stayed)
            {
                contents.Add(member.ContentId, rows.Row(rowOf[member.ContentId]));
            }

            foreach (var id in component.Arrivals)
            {
                contents.Add(id, _searched.Row(searchedRowOf[id]));
            }

            // A pending component may owe its connections to contents that have left.
            var connected = !component.MayComeApart && left.Length == 0 && !Array.Exists(before, m => m.Pending);
            var regrouping = Regrouping.Compute(contents, _model.Threshold, verdicts, connected, cancellationToken);
            Array.ForEach(left, _changes.Leave);
            foreach (var member in stayed)
            {
                _changes.Stay(member, member with
                {
                    GroupId = regrouping.Groups[member.ContentId],
                    ComponentId = regrouping.Components[member.ContentId],
                    Pending = false,
                });
            }

            foreach (var id in component.Arrivals)
            {
                _changes.Join(new GroupMember(id, regrouping.Groups[id], regrouping.Components[id], false));
            }

            _changes.Replace(before, regrouping.Cohesion, regrouping.Merges);
        }
    }
}
