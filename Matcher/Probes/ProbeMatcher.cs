using System.Data;
using CpfPipeline.Data.Embeddings;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Probes;
using CpfPipeline.Data.Sql;
using CpfPipeline.Matcher.Search;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Matching.Embeddings;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Matcher.Probes;

/// <summary>Compares a probe with the members of the active model. Writes nothing.</summary>
internal sealed class ProbeMatcher(NpgsqlDataSource dataSource, IOptions<MatcherOptions> options)
{
    private readonly int _maxComponent = options.Value.MaxOnlineComponent;

    /// <summary>How far it looks.</summary>
    internal ProbeReach Reach { get; init; } = ProbeReach.Default;

    /// <summary>What the catalogue holds around a probe.</summary>
    /// <param name="probe">An embedded probe.</param>
    /// <param name="nearest">How many of the nearest members are wanted.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when another model is active than the one that embedded it.</returns>
    public async Task<ProbeResult?> MatchAsync(ProbeAnswer probe, int nearest, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);

        // One view of the groups: contents come and go between two reads.
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        await connection.Sql("set transaction read only").ExecuteAsync(cancellationToken);
        if (await ModelStore.ReadActiveAsync(connection, cancellationToken) is not { } model || model.HeadId != probe.HeadId)
        {
            return null;
        }

        var embedding = probe.Embedding();
        var (found, isCut) = await ProbeSearch.FindAsync(connection, model, embedding, nearest, Reach, cancellationToken);
        var place = await PlaceAsync(connection, model, probe, embedding, found, isCut, cancellationToken);
        return new ProbeResult(model, [.. found.Take(nearest)], place);
    }

    private async Task<ProbePlace> PlaceAsync(
        NpgsqlConnection connection, ServingModel model, ProbeAnswer probe, Half[] embedding, IReadOnlyList<ProbeNeighbour> found,
        bool isCut, CancellationToken cancellationToken)
    {
        var contentId = ContentId.FromSha256(probe.Sha256!);
        var stands = (await MembershipStore.ReadStatesAsync(connection, model.HeadId, model.ModelId, [contentId], cancellationToken))[0];
        if (stands.Member is { } known)
        {
            var size = (await GroupStore.ReadGroupRowsAsync(connection, model.ModelId, [known.GroupId], cancellationToken)) is [var row]
                ? row.Size : 1;
            return new ProbePlace.Known(contentId, new ProbeGroup(known.GroupId, size, size - 1));
        }

        var word = await connection.Sql("select is_placeholder from cpf.placeholder_overrides where content_id = $1", [contentId])
            .ScalarAsync<bool?>(cancellationToken);
        if (stands.Placeholder || (probe.IsBlank && word is null))
        {
            return probe.IsBlank && word is null ? new ProbePlace.Blank() : new ProbePlace.PlaceholderBytes();
        }

        // Verdicts come back with the bytes that they are about.
        var ends = await VerdictStore.ReadTouchingAsync(connection, [contentId], cancellationToken);
        var same = ends.Where(v => v.Same).Select(v => v.ContentA == contentId ? v.ContentB : v.ContentA).ToList();
        var reaching = found.Where(n => n.Similarity >= model.Threshold).ToList();
        var tied = await GroupStore.ReadMembersAsync(connection, model.ModelId, same, cancellationToken);
        long[] components = [.. reaching.Select(n => n.ComponentId).Concat(tied.Select(m => m.ComponentId)).Distinct()];
        if (components.Length == 0)
        {
            return new ProbePlace.Alone(0);
        }

        var around = (await GroupStore.ReadSizesAsync(connection, model.ModelId, components, [], cancellationToken)).Sum(c => c.Size);
        if (isCut || around > _maxComponent)
        {
            return new ProbePlace.TooMany(Math.Max(around, reaching.Count));
        }

        var members = new EmbeddingMatrix(model.EmbeddingDim, around + 1);
        await EmbeddingReader.ReadComponentsAsync(
            connection, model.HeadId, model.ModelId, model.EmbeddingDim, components, (id, _, values) => members.Add(id, values),
            cancellationToken);
        members.Add(contentId, embedding);
        var verdicts = new VerdictSet(await VerdictStore.ReadBetweenAsync(connection, members.ContentIds.ToArray(), cancellationToken));
        var groups = await GroupStore.ReadComponentsAsync(connection, model.ModelId, components, cancellationToken);
        return ProbePlacement.Find(members, model.Threshold, verdicts, contentId, groups, cancellationToken) is { Count: > 0 } with
            ? new ProbePlace.WithGroups(with) : new ProbePlace.Alone(reaching.Count);
    }
}
