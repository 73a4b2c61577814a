using System.Diagnostics;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Giants;

/// <summary>
/// Regroups components with pending members. It computes on a snapshot without blocking other work. Then it writes under the group lock,
/// unless a member has left since the snapshot. Contents that have arrived since stay pending until the next round. When a verdict has come
/// since, all members stay pending.
/// </summary>
internal sealed class GiantRegrouper(
    NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, DispatchOutbox dispatch, ILogger<GiantRegrouper> logger)
{
    // When the component came apart, more arrivals than this are not placed under the lock. The next round takes a new snapshot.
    private const int MaxExtras = 5_000;

    // Of the active model's loop.
    private readonly GiantTurn _turn = new();

    // The last one of the largest giant, of any model that serves: with it, the few contents that have come or gone since are regrouped in
    // little time. It is as large as the giant, so it is kept no longer than it may be of use.
    private static readonly TimeSpan KeepFor = TimeSpan.FromHours(1);
    private Kept? _last;

    /// <summary>Regroups one component of the active model. Returns whether there was one and this process was the one to do it.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TryTakeAsync(dataSource, "cpf.giants", cancellationToken);
        var serving = await models.GetServingAsync(cancellationToken);
        if (_last is { } last
            && (Stopwatch.GetElapsedTime(last.At) > KeepFor || serving.All(m => m.ModelId != last.ModelId)))
        {
            _last = null;
        }

        return held is not null && serving.FirstOrDefault(m => m.State == ModelState.Active) is { } model
            && await RegroupAsync(model, _turn, ids => updater.RefreshAsync(ids, cancellationToken), maxThreads: 0, cancellationToken);
    }

    /// <summary>Regroups one component of a model. One call per model at a time.</summary>
    /// <param name="model">The active model or the shadow.</param>
    /// <param name="turn">The position of the caller's loop.</param>
    /// <param name="refresh">Removes members that have lost their embedding.</param>
    /// <param name="maxThreads">Threads at most; 0 means one per processor.</param>
    /// <param name="cancellationToken">Stops within milliseconds.</param>
    /// <returns>Whether there was something to do.</returns>
    public async Task<bool> RegroupAsync(
        ServingModel model, GiantTurn turn, Func<IReadOnlyCollection<long>, Task> refresh, int maxThreads,
        CancellationToken cancellationToken)
    {
        if (await GiantSnapshot.ReadAsync(dataSource, model, turn.Last, cancellationToken) is not { } snapshot)
        {
            return false;
        }

        turn.Last = snapshot.Members[0].ComponentId;
        if (snapshot.Contents.Count < snapshot.Members.Count)
        {
            var embedded = snapshot.Contents.ContentIds.ToArray().ToHashSet();
            await refresh([.. snapshot.Members.Select(m => m.ContentId).Where(id => !embedded.Contains(id))]);
            return true;
        }

        var started = Stopwatch.GetTimestamp();
        var regrouping = await Task.Run(
            () => Regrouping.Compute(
                snapshot.Contents, model.Threshold, snapshot.Verdicts, connected: false, cancellationToken, maxThreads, _last?.Regrouping),
            cancellationToken);
        Keep(model, regrouping);
        if (await WriteAsync(model, snapshot, regrouping, cancellationToken) is not { } outbox)
        {
            Log.RegroupOvertaken(logger);
            return true;
        }

        await dispatch(outbox, cancellationToken);
        Log.Regrouped(
            logger, snapshot.Members.Count, regrouping.Groups.Values.Distinct().Count(),
            (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return true;
    }

    private void Keep(ServingModel model, Regrouping regrouping)
    {
        if (_last is not { Regrouping.Groups: var last } || regrouping.Groups.Count >= last.Count
            || regrouping.Groups.Keys.Any(last.ContainsKey))
        {
            _last = new Kept(regrouping, model.ModelId, Stopwatch.GetTimestamp());
        }
    }

    private async Task<IReadOnlyList<OutboxMessage>?> WriteAsync(
        ServingModel model, GiantSnapshot snapshot, Regrouping regrouping, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        var serving = await ModelStore.LockServingAsync(connection, cancellationToken);
        var ids = snapshot.Members.Select(m => m.ContentId).ToHashSet();
        var present = await GroupStore.ReadMembersAsync(connection, model.ModelId, ids, cancellationToken);
        var verdicts = new VerdictSet(await VerdictStore.ReadBetweenAsync(connection, ids, cancellationToken));
        var overtaken = !verdicts.EqualsFor(ids, snapshot.Verdicts);
        if (!serving.Any(m => m.ModelId == model.ModelId && m.State == model.State) || present.Count < ids.Count
            || (overtaken && (present.Exists(m => !m.Pending) || JoinsDifferent(regrouping, present, verdicts.Different))))
        {
            return null;
        }

        var componentIds = present.Select(m => m.ComponentId).ToHashSet();
        var all = await GroupStore.ReadComponentsAsync(connection, model.ModelId, componentIds, cancellationToken);
        var extras = all.Where(m => !ids.Contains(m.ContentId)).ToArray();
        var components = overtaken ? InOne(all) : await PlaceAsync(connection, model, snapshot, regrouping, extras, cancellationToken);
        if (components is null)
        {
            return null;
        }

        var changes = new ChangeSet();
        foreach (var member in present)
        {
            changes.Stay(
                member,
                new GroupMember(member.ContentId, regrouping.Groups[member.ContentId], components[member.ContentId], Pending: overtaken));
        }

        foreach (var extra in extras)
        {
            changes.Stay(extra, extra with { ComponentId = components[extra.ContentId], Pending = true });
        }

        changes.Replace(present, regrouping.Cohesion, regrouping.Merges);
        var built = changes.Build(tell: model.State == ModelState.Active);
        var seqs = await GroupWriter.ApplyAsync(connection, model.ModelId, built, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(connection, Announcement.Of(model.ModelId, built.Events, seqs), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return outbox;
    }

    /// <summary>
    /// Whether the regrouping would put two contents into one group that are in different groups now and that got the verdict
    /// <c>different</c> since the snapshot.
    /// </summary>
    private static bool JoinsDifferent(Regrouping regrouping, List<GroupMember> present, IEnumerable<(long A, long B)> different)
    {
        var before = present.ToDictionary(m => m.ContentId, m => m.GroupId);
        return different.Any(d => before.TryGetValue(d.A, out var a) && before.TryGetValue(d.B, out var b) && a != b
            && regrouping.Groups[d.A] == regrouping.Groups[d.B]);
    }

    /// <summary>
    /// The component ids when a verdict has come since the snapshot. All members stay one pending component. The next round splits it where
    /// needed.
    /// </summary>
    /// <remarks>
    /// Verdicts that come faster than a giant is regrouped must not prevent its regrouping for ever. The groups computed without the last
    /// verdict are closer to the right ones than those in the database.
    /// </remarks>
    private static Dictionary<long, long> InOne(IReadOnlyCollection<GroupMember> all)
    {
        var smallest = all.Min(m => m.ContentId);
        return all.ToDictionary(m => m.ContentId, _ => smallest);
    }

    /// <summary>
    /// Component ids of the snapshot's members and of the extras, which have joined the component since the snapshot. Null: there are too
    /// many extras to place.
    /// </summary>
    private static async Task<Dictionary<long, long>?> PlaceAsync(
        NpgsqlConnection connection, ServingModel model, GiantSnapshot snapshot, Regrouping regrouping, GroupMember[] extras,
        CancellationToken cancellationToken)
    {
        if (extras.Length == 0)
        {
            return new Dictionary<long, long>(regrouping.Components);
        }

        if (regrouping.Components.Values.Distinct().Count() == 1)
        {
            // It is still one component, and each extra came in by an edge to it.
            var smallest = Math.Min(regrouping.Components.Values.First(), extras.Min(m => m.ContentId));
            return extras.Select(m => m.ContentId).Concat(regrouping.Components.Keys).ToDictionary(id => id, _ => smallest);
        }

        if (extras.Length > MaxExtras)
        {
            return null;
        }

        var rows = new EmbeddingMatrix(model.EmbeddingDim, extras.Length);
        var extraIds = extras.Select(m => m.ContentId).ToArray();
        await EmbeddingReader.ReadAsync(
            connection, model.HeadId, model.EmbeddingDim, extraIds, (id, _, embedding) => rows.Add(id, embedding), cancellationToken);
        var verdicts = new VerdictSet(await VerdictStore.ReadTouchingAsync(connection, extraIds, cancellationToken));
        var nodes = new Dictionary<long, int>();
        var union = new ConnectedComponents();
        foreach (var id in regrouping.Components.Keys.Concat(extraIds))
        {
            nodes.Add(id, union.Add(id));
        }

        foreach (var (id, componentId) in regrouping.Components)
        {
            union.Union(nodes[id], nodes[componentId]);
        }

        void Connect(long a, long b)
        {
            if (!verdicts.AreDifferent(a, b))
            {
                union.Union(nodes[a], nodes[b]);
            }
        }

        PairJoin.SelfJoin(
            rows, model.Threshold, (l, r, _) => Connect(rows.ContentId(l), rows.ContentId(r)), cancellationToken: cancellationToken);
        PairJoin.Join(
            rows, snapshot.Contents, model.Threshold, (l, r, _) => Connect(rows.ContentId(l), snapshot.Contents.ContentId(r)),
            cancellationToken: cancellationToken);
        verdicts.UniteSame(union, nodes);
        return nodes.ToDictionary(n => n.Key, n => union.ComponentId(n.Value));
    }

    private sealed record Kept(Regrouping Regrouping, long ModelId, long At);
}
