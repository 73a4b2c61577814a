using CpfPipeline.Contracts;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>Takes verdicts, or refuses those that contradict others. When a call returns, the groups are up to date.</summary>
/// <remarks>
/// The verdict and the event <see cref="VerdictGiven"/> are written in one transaction, under the lock that group changes take. So of two
/// verdicts that contradict each other the second sees the first. The groups are computed right after it. When this process dies in
/// between, the receiver of the event computes them.
/// </remarks>
internal sealed class VerdictIntake(NpgsqlDataSource dataSource, ModelStore models, GroupUpdater updater, DispatchOutbox dispatch)
{
    /// <summary>Takes or refuses one verdict.</summary>
    public async Task<VerdictOutcome> GiveAsync(VerdictRequest request, CancellationToken cancellationToken)
    {
        if (Problem(request) is { } problem)
        {
            return Refused(VerdictOutcome.Refused.Invalid, problem);
        }

        long a, b;
        bool changed;
        await using (var connection = await dataSource.OpenConnectionAsync(cancellationToken))
        {
            var isWithdrawn = request.Verdict == VerdictWord.Withdrawn; // Possible after an image was retracted, too.
            var (first, firstProblem) = await request.A!.ResolveAsync(connection, mustBeLive: !isWithdrawn, cancellationToken);
            var (second, secondProblem) = await request.B!.ResolveAsync(connection, mustBeLive: !isWithdrawn, cancellationToken);
            if ((firstProblem ?? secondProblem) is { } unknown)
            {
                return Refused(VerdictOutcome.Refused.UnknownPicture, unknown);
            }

            if (first == second)
            {
                return Refused(
                    VerdictOutcome.Refused.ExactCopies,
                    $"{request.A} and {request.B} show the same bytes: exact copies are always together.");
            }

            (a, b) = (Math.Min(first, second), Math.Max(first, second));
            var outcome = await WriteAsync(connection, request, (first, second), cancellationToken);
            if (outcome.Refused is not null)
            {
                return outcome.Refused;
            }

            changed = outcome.Changed;
        }

        if (changed)
        {
            await updater.RecomputeAsync([a, b], cancellationToken);
        }

        var groups = await ReadGroupsAsync(a, b, cancellationToken);
        return new VerdictOutcome.Taken(
            a, b, request.Verdict!, changed, groups.GetValueOrDefault(a)?.GroupId, groups.GetValueOrDefault(b)?.GroupId,
            groups.Values.Any(m => m!.Value.Pending));
    }

    private static string? Problem(VerdictRequest request) =>
        !VerdictWord.IsKnown(request.Verdict) ? $"The verdict must be {VerdictWord.List}, not '{request.Verdict}'."
        : PictureName.Problem(request.A, "Picture a") ?? PictureName.Problem(request.B, "Picture b")
            ?? Reviewer.Problem(request.Who, request.Note);

    private async Task<(VerdictOutcome.Refused? Refused, bool Changed)> WriteAsync(
        NpgsqlConnection connection, VerdictRequest request, (long First, long Second) contents, CancellationToken cancellationToken)
    {
        var change = VerdictChange.Of(contents.First, contents.Second, request.Verdict!);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await TransactionLocks.TakeGroupsAsync(connection, cancellationToken);
        var note = string.IsNullOrWhiteSpace(request.Note) ? null : request.Note;
        var writing = await VerdictTransaction.WriteAsync(transaction, [change], request.Who!, note, cancellationToken);
        var messages = writing is VerdictWriting.Written written ? VerdictTransaction.Messages([change], written) : [];
        await AuditStore.AppendAsync(
            connection, new Speaker(request.Who!, request.By), "verdict",
            $"contents {change.ContentA} {change.ContentB} {change.Word}",
            writing is VerdictWriting.Written ? AuditOutcome.Done : AuditOutcome.Refused, cancellationToken);
        var outbox = await OutboxStore.AppendAsync(connection, messages, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        await dispatch(outbox, cancellationToken);
        return writing switch
        {
            VerdictWriting.Missing(var contentId) => (
                Refused(
                    VerdictOutcome.Refused.UnknownPicture,
                    $"There is no stored picture for {(contentId == contents.First ? request.A : request.B)}."), false),
            // In the order in which the person named the pictures.
            VerdictWriting.Contradicted(_, var chain) => (
                Contradiction(request, contents.First == change.ContentA ? chain : [.. chain.Reverse()]), false),
            _ => (null, messages.Count > 0),
        };
    }

    private static VerdictOutcome.Refused Contradiction(VerdictRequest request, IReadOnlyList<VerdictRow> chain) => new(
        VerdictOutcome.Refused.Contradiction,
        $"{request.A} {request.Verdict} {request.B} contradicts: {string.Join("; ", chain.Select(Describe))}. Withdraw one of these first.",
        chain);

    private static string Describe(VerdictRow row) =>
        $"{Name(row.ImagesA, row.Sha256A)} {row.Verdict} {Name(row.ImagesB, row.Sha256B)} (by {row.Who}, {row.At.UtcDateTime:yyyy-MM-dd})";

    private static string Name(IReadOnlyList<string> images, string sha256) => images.Count > 0 ? images[0] : $"content {sha256}";

    private async Task<Dictionary<long, GroupMember?>> ReadGroupsAsync(long a, long b, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return [];
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await GroupStore.ReadMembersAsync(connection, model.ModelId, [a, b], cancellationToken))
            .ToDictionary(m => m.ContentId, m => (GroupMember?)m);
    }

    private static VerdictOutcome.Refused Refused(string reason, string detail) => new(reason, detail, []);
}
