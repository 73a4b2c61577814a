using System.Data;
using CpfPipeline.Matching.Grouping;
using CpfPipeline.Matching.Joins;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>
/// Recomputes the active model's groups exactly from the stored embeddings and verdicts. Inside a component: whether similarities hold it
/// together, its groups, their cohesion and merges. Across components: whether two of their contents are similar. In memory are one
/// component, blocks of members, and some 150 bytes a group.
/// </summary>
/// <param name="dataSource">The database.</param>
/// <param name="request">What is verified.</param>
/// <param name="faults">Receives what is wrong.</param>
/// <param name="time">The clock, which chooses samples.</param>
internal sealed class GroupFaults(NpgsqlDataSource dataSource, VerifyRequest request, Faults faults, TimeProvider time)
{
    private const int BlockRows = 16_384;
    private readonly Dictionary<long, List<(long A, long B)>> _verdicts = [];
    private readonly Dictionary<long, long> _componentsOfVerdicts = [];
    private readonly HashSet<(long A, long B)> _componentPairs = [];

    /// <summary>Pairs to have recomputed: their components are computed afresh, and the edge between them.</summary>
    public HashSet<(long A, long B)> Recompute { get; } = [];

    /// <summary>Members whose groups were recomputed.</summary>
    public long Members { get; private set; }

    /// <summary>Members of components that wait to be regrouped, which were left out.</summary>
    public long Pending { get; private set; }

    public async Task FindAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        if (await StoredModel.ReadActiveAsync(connection, cancellationToken) is not { } model)
        {
            return;
        }

        var stored = new StoredModel(connection, model);
        var (same, different) = await stored.ReadVerdictsAsync(cancellationToken);
        var cohesion = await stored.ReadCohesionAsync(cancellationToken);
        var merges = await stored.ReadMergesAsync(cancellationToken);
        foreach (var pair in same.Concat(different))
        {
            foreach (var end in new[] { pair.A, pair.B })
            {
                if (!_verdicts.TryGetValue(end, out var own))
                {
                    _verdicts.Add(end, own = []);
                }

                own.Add(pair);
            }
        }

        await stored.ForEachComponentAsync(
            component =>
            {
                Compare(component, model.Threshold, different, cohesion, merges, cancellationToken);
                tell($"{Members:N0} members");
            }, cancellationToken);
        foreach (var (a, b) in same)
        {
            if (_componentsOfVerdicts.TryGetValue(a, out var left) && _componentsOfVerdicts.TryGetValue(b, out var right) && left != right)
            {
                Missed((a, b), left, right, different);
            }
        }

        await CompareAcrossAsync(stored, model.Threshold, different, tell, cancellationToken);
    }

    private void Compare(
        StoredComponent component, double tau, HashSet<(long A, long B)> different, Dictionary<long, GroupCohesion> cohesion,
        Dictionary<long, AgglomerationMerge> merges, CancellationToken cancellationToken)
    {
        Members += component.Contents.Count;
        if (component.IsPending)
        {
            Pending += component.Contents.Count;
            return;
        }

        foreach (var contentId in component.Groups.Keys.Where(_verdicts.ContainsKey))
        {
            _componentsOfVerdicts[contentId] = component.ComponentId;
        }

        if (component.Contents.Count == 1 && component.Groups.Single() is var only && only.Key == only.Value
            && only.Key == component.ComponentId)
        {
            return;
        }

        var own = component.Groups.Keys.SelectMany(id => _verdicts.GetValueOrDefault(id, [])).Distinct().ToList();
        List<(long A, long B)> mustLink = [.. own.Where(v => !different.Contains(v))];
        if (!HoldsTogether(component, tau, mustLink, different, cancellationToken))
        {
            Found(FaultKind.ComponentApart, component, $"component {component.ComponentId} of {component.Contents.Count} contents");
            return;
        }

        var result = Agglomeration.Cluster(
            component.Contents, tau, mustLink, [.. own.Where(different.Contains)], cancellationToken: cancellationToken);
        foreach (var (contentId, group) in component.Groups.Where(g => result.Groups[g.Key] != g.Value).Take(1))
        {
            Found(
                FaultKind.GroupsDiffer, component, $"content {contentId} is in group {group} and belongs to {result.Groups[contentId]}");
            return;
        }

        var measured = Cohesion.Measure(component.Contents, result, cancellationToken: cancellationToken).Where(g => g.Size > 1);
        if (measured.FirstOrDefault(g => !cohesion.TryGetValue(g.GroupId, out var row) || row != g) is { } loose)
        {
            Found(FaultKind.GroupsDiffer, component, $"group {loose.GroupId}: its size, cohesion or medoid");
        }
        else if (result.Merges.FirstOrDefault(m => !merges.TryGetValue(m.Right, out var row) || row != m) is { Right: > 0 } merge)
        {
            Found(FaultKind.GroupsDiffer, component, $"merge of {merge.Right} into {merge.Left}");
        }
    }

    private static bool HoldsTogether(
        StoredComponent component, double tau, List<(long A, long B)> mustLink, HashSet<(long A, long B)> different,
        CancellationToken cancellationToken)
    {
        var ids = component.Contents.ContentIds.ToArray();
        var components = new ConnectedComponents(ids);
        PairJoin.SelfJoin(
            component.Contents, tau, (left, right, _) =>
            {
                if (!different.Contains(Ordered(ids[left], ids[right])))
                {
                    components.Union(left, right);
                }
            }, known: components.AreSurelyConnected, cancellationToken: cancellationToken);
        var rows = Enumerable.Range(0, ids.Length).ToDictionary(row => ids[row]);
        foreach (var (a, b) in mustLink)
        {
            if (rows.TryGetValue(a, out var left) && rows.TryGetValue(b, out var right))
            {
                components.Union(left, right);
            }
        }

        return components.ComponentSize(0) == ids.Length && components.ComponentId(0) == component.ComponentId;
    }

    // Each block of members is compared with all of them, which are read again for it.
    private async Task CompareAcrossAsync(
        StoredModel stored, double tau, HashSet<(long A, long B)> different, Action<string> tell, CancellationToken cancellationToken)
    {
        var everyNth = request.Sample is { } sample
            ? Math.Max(1, await stored.CountAsync(cancellationToken) / Math.Max(1, sample)) : 1;
        var offset = time.GetUtcNow().ToUnixTimeSeconds() % everyNth; // Another run compares others.
        var done = 0L;
        for (var after = -1L; ;)
        {
            var (left, leftComponents) = await stored.ReadBlockAsync(after, BlockRows, everyNth, offset, cancellationToken);
            if (left.Count == 0)
            {
                return;
            }

            after = left.ContentIds[^1];
            var join = new BlockJoin(left, tau);
            await stored.ForEachBlockAsync(
                BlockRows, (right, rightComponents) => join.Accept(
                    right, (row, other, _) => Missed(
                        Ordered(left.ContentId(row), right.ContentId(other)), leftComponents[row], rightComponents[other], different),
                    (row, other) => leftComponents[row] == rightComponents[other], cancellationToken), cancellationToken);
            tell($"{done += left.Count:N0} members compared with all others");
        }
    }

    // One pair brings two components together, however many there are.
    private void Missed((long A, long B) pair, long left, long right, HashSet<(long A, long B)> different)
    {
        if (!different.Contains(pair) && _componentPairs.Add(Ordered(left, right)) && Recompute.Add(pair))
        {
            faults.Add(FaultKind.EdgeMissed, $"contents {pair.A} and {pair.B}");
        }
    }

    private void Found(string kind, StoredComponent component, string example)
    {
        faults.Add(kind, example);
        Recompute.Add((component.Contents.ContentIds[0], component.Contents.ContentIds[0]));
    }

    private static (long A, long B) Ordered(long a, long b) => a < b ? (a, b) : (b, a);
}
