using CpfPipeline.Matcher.Verdicts;
using Npgsql;

namespace CpfPipeline.Matcher.Review;

/// <summary>What a request of a reviewer did within its transaction.</summary>
/// <param name="Outcome">What it tells.</param>
/// <param name="Messages">What tells others.</param>
internal sealed record ReviewWork(ReviewOutcome Outcome, IReadOnlyCollection<object> Messages)
{
    /// <summary>Nothing was done: a picture is erased or collected.</summary>
    public static ReviewWork Gone { get; } = Refuse("One of the pictures is not stored any more.");

    /// <summary>The events of the verdicts, in the order of the changes; null where a verdict stood already.</summary>
    public IReadOnlyList<long?> Events { get; init; } = [];

    /// <summary>Contents whose verdicts changed.</summary>
    public IReadOnlyCollection<long> Changed { get; init; } = [];

    /// <summary>Contents that become placeholders or cease to be.</summary>
    public IReadOnlyCollection<long> Released { get; init; } = [];

    /// <summary>Nothing was done.</summary>
    /// <param name="detail">Why, for a person.</param>
    public static ReviewWork Refuse(string detail) => new(new ReviewOutcome.Refused(detail), []);

    /// <summary>Gives verdicts: all or none.</summary>
    public static async Task<ReviewWork> WriteAsync(
        NpgsqlTransaction transaction, IReadOnlyCollection<VerdictChange> changes, string who, CancellationToken cancellationToken) =>
        await VerdictTransaction.WriteAsync(transaction, changes, who, null, cancellationToken) switch
        {
            VerdictWriting.Contradicted(_, var chain) => new ReviewWork(new ReviewOutcome.Contradicts(chain), []),
            VerdictWriting.Written written => new ReviewWork(
                new ReviewOutcome.Done(written.Events.Count(e => e is not null), 0), VerdictTransaction.Messages(changes, written))
            {
                Events = written.Events,
                Changed =
                [
                    .. changes.Zip(written.Events).Where(c => c.Second is not null)
                        .SelectMany(c => new[] { c.First.ContentA, c.First.ContentB }).Distinct(),
                ],
            },
            _ => Gone,
        };
}
