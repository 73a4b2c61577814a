using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Removes what the tables hold of contents, in the caller's transaction, which has locked their rows.</summary>
internal static class ContentPurge
{
    private const string Verdicts = "delete from cpf.verdicts where content_a = any($1) or content_b = any($1)";
    private const string Overrides = "delete from cpf.placeholder_overrides where content_id = any($1)";
    private const string PlaceholderEvents = "delete from cpf.placeholder_events where content_id = any($1)";
    private const string FormerContents = "update cpf.image_contents set content_id = null where content_id = any($1)";

    // Deletes name the few backbones, heads and models, because the keys begin with them.
    private const string Features = """
        delete from cpf.features f using cpf.backbones b where f.backbone_id = b.backbone_id and f.content_id = any($1)
        """;

    private const string Embeddings = """
        delete from cpf.embeddings e using cpf.heads h where e.head_id = h.head_id and e.content_id = any($1)
        """;

    private const string MatchesA = """
        delete from cpf.matches m using cpf.heads h where m.head_id = h.head_id and m.content_a = any($1)
        """;

    private const string MatchesB = """
        delete from cpf.matches m using cpf.heads h where m.head_id = h.head_id and m.content_b = any($1)
        """;

    private const string History = "update cpf.images set content_id = null where content_id = any($1) and state <> 'stored'";

    private const string Contents = "delete from cpf.contents where content_id = any($1)";

    // Runs after the verdicts are removed, which marks both ends. The other end's component is recomputed; this end is gone.
    private const string Stale = "delete from cpf.model_stale where content_id = any($1)";
    private const string Diffs = """
        delete from cpf.model_diff_contents where content_id = any($1) or group_id_before = any($1) or group_id_after = any($1)
        """;

    // The Matcher maintains the groups of the active model only. The groups of another model are as they were when it was last active.
    // Without this content its component may come apart, so the whole component is deleted. When that model is activated again, the other
    // contents come in as arrivals.
    private const string OtherModels = """
        with components as materialized (
            select g.model_id, g.component_id from cpf.models m join cpf.group_members g on g.model_id = m.model_id and g.content_id = $1
            where m.state <> 'active'
            union
            select g.model_id, g.component_id from cpf.models m join cpf.group_members g on g.model_id = m.model_id and g.group_id = $1
            where m.state <> 'active'
            union
            select g.model_id, g.component_id from cpf.models m join cpf.group_members g on g.model_id = m.model_id and g.component_id = $1
            where m.state <> 'active'
        ), members as (
            delete from cpf.group_members g using components c
            where g.model_id = c.model_id and g.component_id = c.component_id
            returning g.model_id, g.content_id, g.group_id
        ), merges as (
            delete from cpf.group_merges t using members g where t.model_id = g.model_id and t."right" = g.content_id
        ), groups as (
            delete from cpf.groups r using (select distinct model_id, group_id from members) g
            where r.model_id = g.model_id and r.group_id = g.group_id
        )
        select count(*) filter (where content_id = $1) from members
        """;

    // A reader that follows the history from its beginning still arrives at the current groups. A reader that has read only a part of it
    // sees that a content left.
    private const string Events = "update cpf.group_events set content_id = $2 where content_id = $1";
    private const string EventGroups = "update cpf.group_events set group_id = $2 where group_id = $1";
    private const string EventPrevious = "update cpf.group_events set previous_group_id = $2 where previous_group_id = $1";

    // The indexes on the groups of events leave out events whose group is the content itself. The first index finds those.
    private const string OwnEventGroups = """
        update cpf.group_events set group_id = case when group_id = $1 then $2 else group_id end,
                                    previous_group_id = case when previous_group_id = $1 then $2 else previous_group_id end
        where content_id = $1 and ($1 in (group_id, previous_group_id))
        """;

    // The places stay, because tiles of a join name contents by their place.
    private const string JoinBlocks = """
        update cpf.join_blocks b
        set content_ids = array(
            select case when t.id = any($1) then -1 else t.id end from unnest(b.content_ids) with ordinality as t(id, n) order by t.n)
        where b.content_ids && $1
        """;

    private const string JoinVerdicts = """
        update cpf.joins j
        set verdict_a = array(
                select case when t.id = any($1) then -1 else t.id end from unnest(j.verdict_a) with ordinality as t(id, n) order by t.n),
            verdict_b = array(
                select case when t.id = any($1) then -1 else t.id end from unnest(j.verdict_b) with ordinality as t(id, n) order by t.n)
        where j.verdict_a && $1 or j.verdict_b && $1
        """;

    /// <summary>
    /// Removes vectors, pairs, verdicts, decisions on placeholders, and the rows of the contents, and takes them out of planned joins.
    /// Retracted images no longer name the content they had.
    /// </summary>
    /// <returns>Rows removed, by kind.</returns>
    public static async Task<Dictionary<string, long>> RemoveAsync(
        NpgsqlConnection connection, IReadOnlyCollection<long> contentIds, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        foreach (var sql in new[] { Features, Embeddings, MatchesA, MatchesB, Verdicts, Overrides, PlaceholderEvents, FormerContents,
            History, Contents, Stale, Diffs, JoinBlocks, JoinVerdicts })
        {
            batch.Add(sql, [contentIds.ToArray()]);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
        long Rows(int command) => (long)batch.BatchCommands[command].RecordsAffected;
        return new Dictionary<string, long>
        {
            ["features"] = Rows(0),
            ["embeddings"] = Rows(1),
            ["matches"] = Rows(2) + Rows(3),
            ["verdicts"] = Rows(4),
            ["placeholder_overrides"] = Rows(5),
            ["placeholder_events"] = Rows(6),
            ["contents"] = Rows(9),
        };
    }

    /// <summary>
    /// Takes the content's id out of the groups of models that are not active, and puts a surrogate in its place in the history.
    /// </summary>
    /// <param name="connection">Holds the group lock.</param>
    /// <param name="contentId">The content.</param>
    /// <param name="surrogate">Negative: no content has it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Rows changed, by kind.</returns>
    public static async Task<Dictionary<string, long>> ScrubAsync(
        NpgsqlConnection connection, long contentId, long surrogate, CancellationToken cancellationToken)
    {
        var memberships = await connection.Sql(OtherModels, [contentId]).WithoutTimeout().ScalarAsync<long>(cancellationToken);
        await using var batch = new NpgsqlBatch(connection) { Timeout = 0 };
        batch.Add(OwnEventGroups, [contentId, surrogate]);
        batch.Add(Events, [contentId, surrogate]);
        batch.Add(EventGroups + " and group_id <> content_id", [contentId, surrogate]);
        batch.Add(EventPrevious + " and previous_group_id <> content_id", [contentId, surrogate]);
        await batch.ExecuteNonQueryAsync(cancellationToken);
        return new Dictionary<string, long> { ["memberships"] = memberships, ["events"] = (long)batch.BatchCommands[1].RecordsAffected };
    }
}
