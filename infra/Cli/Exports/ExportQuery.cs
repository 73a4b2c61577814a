namespace CpfPipeline.Cli.Exports;

/// <summary>What can be exported, and the query for it.</summary>
/// <param name="Text">SQL; every query takes <c>$1</c>, the position after which changes are wanted, and only changes have one.</param>
/// <param name="Ids">Columns of 63-bit ids, which JSON has as strings.</param>
/// <param name="Position">The column that holds the position to go on from; null where there is none.</param>
internal sealed record ExportQuery(string Text, IReadOnlySet<string> Ids, string? Position = null)
{
    public const string Groups = "groups";
    public const string Members = "members";
    public const string Pairs = "pairs";
    public const string Changes = "changes";

    /// <summary>The query of that name.</summary>
    public static ExportQuery Of(string what) => what switch
    {
        Groups => new(
            """
            select group_id, model_id, images, contents, sources, product_keys, global_keys, key_conflict, min_pair_similarity,
                   weakest_merge, medoid, first_seen_at, updated_at
            from cpf.match_groups
            where $1 >= 0
            order by group_id
            """, new HashSet<string> { "group_id", "medoid" }),
        Members => new(
            """
            select group_id, model_id, source, external_id, product_key, key_scope, image_id, content_id, sha256, uri, format, width,
                   height, bytes, first_seen_at, submitted_at, updated_at, grouped_at, medoid, medoid_similarity
            from cpf.match_group_members
            where $1 >= 0
            order by group_id, source, external_id
            """, new HashSet<string> { "group_id", "content_id", "medoid" }),
        Pairs => new(
            """
            select source_a, external_id_a, source_b, external_id_b, content_a, content_b, similarity, threshold, matches, verdict,
                   group_a, group_b, image_a, image_b
            from cpf.match_pairs
            where $1 >= 0
            """, new HashSet<string> { "content_a", "content_b", "group_a", "group_b" }),
        // A picture whose erasure is under way is told as it will be once that is finished. One that another image shows stays.
        Changes => new(
            """
            with erased as materialized (
                select e.content_id, min(e.erasure_id) as erasure_id
                from cpf.erasures e
                where e.state <> 'finished' and e.content_id is not null
                  and not exists (select from cpf.images i where i.content_id = e.content_id and i.state = 'stored')
                group by e.content_id
            )
            select c.seq, c.at, c.model_id, c.kind, coalesce(-x.erasure_id, c.content_id) as content_id,
                   coalesce(-y.erasure_id, c.group_id) as group_id, coalesce(-z.erasure_id, c.previous_group_id) as previous_group_id
            from cpf.group_changes c
            left join erased x on x.content_id = c.content_id
            left join erased y on y.content_id = c.group_id
            left join erased z on z.content_id = c.previous_group_id
            where c.seq > $1
            order by c.seq
            """, new HashSet<string> { "content_id", "group_id", "previous_group_id" }, "seq"),
        _ => throw CommandException.Usage($"export does not know '{what}'"),
    };
}
