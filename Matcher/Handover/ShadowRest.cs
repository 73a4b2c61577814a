using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>What a shadow's groups do not know yet.</summary>
/// <param name="Gone">Members that are not live any more.</param>
/// <param name="Arrivals">Live contents without a group.</param>
/// <param name="Stale">Contents whose verdicts changed, with the positions of the marks; not more than <see cref="MostStale"/> at a time.</param>
internal sealed record ShadowRest(IReadOnlyList<long> Gone, IReadOnlyList<long> Arrivals, IReadOnlyList<(long ContentId, long Seq)> Stale)
{
    private const int MostStale = 5_000;

    /// <summary>Contents to look at.</summary>
    public int Count => Gone.Count + Arrivals.Count + Stale.Count;

    /// <summary>Reads it, as of the caller's transaction.</summary>
    public static async Task<ShadowRest> ReadAsync(NpgsqlConnection connection, ServingModel model, CancellationToken cancellationToken) =>
        new(
            await MembershipStore.ReadGoneAsync(connection, model.HeadId, model.ModelId, cancellationToken),
            await MembershipStore.ReadUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken),
            await PreparationStore.ReadStaleAsync(connection, model.ModelId, MostStale, cancellationToken));

    /// <summary>
    /// The quick look under the lock: where the members of the active model and the shadow differ. What is live and a member of neither, or of both and not live any more, has a
    /// message on its way to the Matcher (or the repair after an activation), as under any active model.
    /// </summary>
    public static async Task<ShadowRest> ReadDifferenceAsync(
        NpgsqlConnection connection, long activeModelId, ServingModel model, CancellationToken cancellationToken)
    {
        var (missing, surplus) = await WholeGroupStore.ReadDifferenceAsync(connection, activeModelId, model.ModelId, cancellationToken);
        var states = await MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, [.. missing, .. surplus], cancellationToken);
        return new ShadowRest(
            [.. states.Where(s => !s.Live && s.Member is not null).Select(s => s.ContentId)],
            [.. states.Where(s => s.Live && s.Member is null).Select(s => s.ContentId)],
            await PreparationStore.ReadStaleAsync(connection, model.ModelId, MostStale, cancellationToken));
    }
}
