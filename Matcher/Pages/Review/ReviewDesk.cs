using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Puts together what the review page shows.</summary>
internal sealed class ReviewDesk(ModelStore models, PairQueue queue, PairStore pairs, ReviewerStore reviewers)
{
    /// <summary>The pair at a place of the reviewer's queue; null without an active model.</summary>
    public async Task<ReviewPageData?> ReadAsync(string who, int at, CancellationToken cancellationToken) =>
        await ReadAheadAsync(who, at, 1, cancellationToken) is { } ahead
            ? await PageAsync(who, ahead, ahead.At, cancellationToken) : null;

    /// <summary>Two pictures; null without an active model.</summary>
    public async Task<ReviewPageData?> ReadPairAsync(string who, long a, long b, CancellationToken cancellationToken) =>
        await ReadAheadAsync(who, (a, b), cancellationToken) is { } ahead ? await PageAsync(who, ahead, null, cancellationToken) : null;

    /// <summary>The pairs from a place of the queue on; null without an active model.</summary>
    public Task<PairsAhead?> ReadAheadAsync(string who, int at, int count, CancellationToken cancellationToken) =>
        ReadAheadAsync(
            who,
            open =>
            {
                var place = Math.Clamp(at, 0, Math.Max(0, open.Count - 1));
                return (place, [.. open.Skip(place).Take(count).Select(p => (p.ContentA, p.ContentB))]);
            },
            cancellationToken);

    /// <summary>Two pictures, as the pairs of the queue.</summary>
    public Task<PairsAhead?> ReadAheadAsync(string who, (long A, long B) pair, CancellationToken cancellationToken) =>
        ReadAheadAsync(who, _ => (0, [pair]), cancellationToken);

    /// <summary>What an undo took back and what it passed over, for a person.</summary>
    public Task<string> ReadUndoneAsync(UndoChoice undone, CancellationToken cancellationToken) =>
        reviewers.ReadUndoneAsync(undone, cancellationToken);

    /// <summary>What the reviewer said last and what follows from it, for a person.</summary>
    public async Task<string> ReadSaidAsync(string who, CancellationToken cancellationToken) =>
        await models.GetActiveAsync(cancellationToken) is { } model
            && await reviewers.ReadLastAsync(model, who, cancellationToken) is { } last ? last.Text(model.Threshold) : "";

    private async Task<PairsAhead?> ReadAheadAsync(
        string who, Func<IReadOnlyList<ReviewPair>, (int At, IReadOnlyList<(long A, long B)> Pairs)> choose,
        CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        var open = await queue.ReadAsync(model, who, cancellationToken);
        var (at, chosen) = choose(open);
        return new PairsAhead(
            model, await pairs.ReadAsync(model, chosen, cancellationToken), at,
            await reviewers.ReadCountsAsync(who, open.Count, cancellationToken));
    }

    private async Task<ReviewPageData> PageAsync(string who, PairsAhead ahead, int? at, CancellationToken cancellationToken) =>
        new(ahead.Model, who, ahead.Pairs is [var pair] ? pair : null, at, ahead.Counts,
            await reviewers.ReadLastAsync(ahead.Model, who, cancellationToken), ReviewView.Side, OtherOnTop: false, ShowsScore: false);
}
