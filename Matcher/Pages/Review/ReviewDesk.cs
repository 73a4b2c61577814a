using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Pages.Addresses;
using CpfPipeline.Matcher.Review;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Puts together what the review page shows.</summary>
internal sealed class ReviewDesk(ModelStore models, PairQueue queue, PairStore pairs, ReviewerStore reviewers)
{
    /// <summary>The pair at a place of the reviewer's queue; null without an active model.</summary>
    public async Task<ReviewPageData?> ReadAsync(string who, int at, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        var open = await queue.ReadAsync(model, who, cancellationToken);
        var place = Math.Clamp(at, 0, Math.Max(0, open.Count - 1));
        var shown = await pairs.ReadAsync(
            model, [.. open.Skip(place).Take(1).Select(p => (p.ContentA, p.ContentB))], cancellationToken);
        return await PageAsync(model, who, shown is [var pair, ..] ? pair : null, place, open.Count, cancellationToken);
    }

    /// <summary>Two pictures; null without an active model.</summary>
    public async Task<ReviewPageData?> ReadPairAsync(string who, long a, long b, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        var open = await queue.ReadAsync(model, who, cancellationToken);
        var shown = await pairs.ReadAsync(model, [(a, b)], cancellationToken);
        return await PageAsync(model, who, shown is [var pair] ? pair : null, null, open.Count, cancellationToken);
    }

    /// <summary>The pairs from a place of the queue on; null without an active model.</summary>
    public async Task<PairsAhead?> ReadAheadAsync(
        string who, int at, int count, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        var open = await queue.ReadAsync(model, who, cancellationToken);
        var place = Math.Clamp(at, 0, Math.Max(0, open.Count - 1));
        var ahead = await pairs.ReadAsync(
            model, [.. open.Skip(place).Take(count).Select(p => (p.ContentA, p.ContentB))], cancellationToken);
        return new PairsAhead(model, ahead, place, await reviewers.ReadCountsAsync(who, open.Count, cancellationToken));
    }

    /// <summary>Two pictures, as the pairs of the queue.</summary>
    public async Task<PairsAhead?> ReadAheadAsync(
        string who, (long A, long B) pair, CancellationToken cancellationToken)
    {
        if (await models.GetActiveAsync(cancellationToken) is not { } model)
        {
            return null;
        }

        var open = await queue.ReadAsync(model, who, cancellationToken);
        return new PairsAhead(
            model, await pairs.ReadAsync(model, [pair], cancellationToken), 0,
            await reviewers.ReadCountsAsync(who, open.Count, cancellationToken));
    }

    /// <summary>What the reviewer said last and what follows from it, for a person.</summary>
    public async Task<string> ReadSaidAsync(string who, CancellationToken cancellationToken) =>
        await models.GetActiveAsync(cancellationToken) is { } model
            && await reviewers.ReadLastAsync(model, who, cancellationToken) is { } last ? last.Text(model.Threshold) : "";

    private async Task<ReviewPageData> PageAsync(
        ServingModel model, string who, PairView? pair, int? at, int open, CancellationToken cancellationToken) =>
        new(model, who, pair, at, await reviewers.ReadCountsAsync(who, open, cancellationToken),
            await reviewers.ReadLastAsync(model, who, cancellationToken), ReviewView.Side, OtherOnTop: false, ShowsScore: false);
}
