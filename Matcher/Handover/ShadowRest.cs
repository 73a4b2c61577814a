using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>What a shadow's groups do not reflect yet.</summary>
/// <param name="Gone">Members that are not live any more.</param>
/// <param name="Arrivals">Live contents without a group.</param>
/// <param name="Stale">Contents whose verdicts changed, with the positions of the marks; at most <see cref="MaxStale"/> at a time.</param>
internal sealed record ShadowRest(IReadOnlyList<long> Gone, IReadOnlyList<long> Arrivals, IReadOnlyList<(long ContentId, long Seq)> Stale)
{
    private const int MaxStale = 5_000;

    /// <summary>Contents to look at, counted once for each reason.</summary>
    public int Count => Gone.Count + Arrivals.Count + Stale.Count;

    /// <summary>Contents to look at, each once.</summary>
    public IReadOnlyCollection<long> ContentIds => [.. Gone.Concat(Arrivals).Concat(Stale.Select(s => s.ContentId)).Distinct()];

    /// <summary>Reads it, as of the caller's transaction.</summary>
    public static async Task<ShadowRest> ReadAsync(NpgsqlConnection connection, ServingModel model, CancellationToken cancellationToken) =>
        new(
            await MembershipStore.ReadGoneAsync(connection, model.HeadId, model.ModelId, cancellationToken),
            await MembershipStore.ReadUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken),
            await ModelStaleStore.ReadAsync(connection, model.ModelId, MaxStale, cancellationToken));

    /// <summary>Reads under the group lock, quickly, where the members of the active model and of the shadow differ.</summary>
    /// <remarks>
    /// This leaves out a live content that is a member of neither model, and a member of both that is not live any more. For these a
    /// message is on its way to the Matcher, as under any active model, or the repair after an activation finds them.
    /// </remarks>
    public static async Task<ShadowRest> ReadDifferenceAsync(
        NpgsqlConnection connection, long activeModelId, ServingModel model, CancellationToken cancellationToken)
    {
        var (missing, surplus) = await WholeGroupStore.ReadDifferenceAsync(connection, activeModelId, model.ModelId, cancellationToken);
        var states = await MembershipStore.ReadStatesAsync(
            connection, model.HeadId, model.ModelId, [.. missing, .. surplus], cancellationToken);
        return new ShadowRest(
            [.. states.Where(s => s.Leaves).Select(s => s.ContentId)],
            [.. states.Where(s => s.Arrives).Select(s => s.ContentId)],
            await ModelStaleStore.ReadAsync(connection, model.ModelId, MaxStale, cancellationToken));
    }

    /// <summary>Parts of at most so many contents, departures first.</summary>
    public IEnumerable<ShadowRest> Chunk(int contents) =>
    [
        .. Gone.Chunk(contents).Select(gone => new ShadowRest(gone, [], [])),
        .. Arrivals.Chunk(contents).Select(arrivals => new ShadowRest([], arrivals, [])),
        .. Stale.Chunk(contents).Select(stale => new ShadowRest([], [], stale)),
    ];
}
