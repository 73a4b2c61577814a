using CpfPipeline.Contracts;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>Writes verdicts in the caller's transaction: all of them or none.</summary>
/// <remarks>
/// The caller holds <see cref="TransactionLocks.TakeGroupsAsync"/>, and commits whatever the outcome is: a contradiction leaves a row in
/// the list of contradictions and nothing else.
/// </remarks>
internal static class VerdictTransaction
{
    private const string Start = "verdicts";

    /// <summary>Writes the changes, in their order.</summary>
    /// <param name="transaction">The transaction, which holds the group lock.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="who">Who says so.</param>
    /// <param name="note">Why, or null.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<VerdictWriting> WriteAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<VerdictChange> changes, string who, string? note,
        CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var stored = await ContentLocks.ShareAsync(
            connection, [.. changes.SelectMany(c => new[] { c.ContentA, c.ContentB }).Distinct()], cancellationToken);
        if (changes.FirstOrDefault(c => c.Word != VerdictWord.Withdrawn && !(stored.Contains(c.ContentA) && stored.Contains(c.ContentB)))
            is { } unknown)
        {
            return new VerdictWriting.Missing(stored.Contains(unknown.ContentA) ? unknown.ContentB : unknown.ContentA);
        }

        await transaction.SaveAsync(Start, cancellationToken);
        var events = new List<long?>(changes.Count);

        // A word that a later change replaces does not count against an earlier one: what stands at the end must agree.
        var ahead = changes.Select(c => (c.ContentA, c.ContentB)).ToHashSet();
        foreach (var change in changes)
        {
            ahead.Remove((change.ContentA, change.ContentB));
            if (change.Word == VerdictWord.Withdrawn)
            {
                events.Add(await VerdictStore.WithdrawAsync(
                    connection, change.ContentA, change.ContentB, who, note, change.Undoes, cancellationToken));
                continue;
            }

            var verdict = new Verdict(change.ContentA, change.ContentB, change.Word == VerdictWord.Same);
            var closure = await VerdictStore.ReadClosureAsync(connection, [change.ContentA, change.ContentB], cancellationToken);
            var standing = closure.Where(v => !ahead.Contains((v.ContentA, v.ContentB))).ToList();
            if (VerdictContradiction.Find(standing, verdict) is { Count: > 0 } chain)
            {
                var rows = await ReadChainAsync(connection, chain, cancellationToken);
                await transaction.RollbackAsync(Start, cancellationToken);
                await ContradictionStore.AddAsync(connection, verdict, who, note, rows, cancellationToken);
                return new VerdictWriting.Contradicted(change, rows);
            }

            events.Add(await VerdictStore.GiveAsync(connection, verdict, who, note, change.Undoes, cancellationToken));
            await ContradictionStore.CloseGivenAsync(connection, verdict, who, cancellationToken);
        }

        await transaction.ReleaseAsync(Start, cancellationToken);
        return new VerdictWriting.Written(events);
    }

    /// <summary>What tells others of the changes that were written.</summary>
    public static IReadOnlyCollection<object> Messages(
        IReadOnlyCollection<VerdictChange> changes, VerdictWriting.Written written) =>
        [.. changes.Zip(written.Events).Where(c => c.Second is not null).Select(c => c.First)
            .Select(c => new VerdictGiven { ContentA = c.ContentA, ContentB = c.ContentB, Verdict = c.Word })];

    private static async Task<IReadOnlyList<VerdictRow>> ReadChainAsync(
        NpgsqlConnection connection, IReadOnlyList<Verdict> chain, CancellationToken cancellationToken)
    {
        var rows = (await VerdictStore.ReadAsync(connection, [.. chain.Select(v => (v.ContentA, v.ContentB))], cancellationToken))
            .ToDictionary(r => (r.ContentA, r.ContentB));
        // A content may just have been collected.
        return [.. chain.Select(v => rows.GetValueOrDefault((v.ContentA, v.ContentB))).OfType<VerdictRow>()];
    }
}
