using CpfPipeline.Data;
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
}
