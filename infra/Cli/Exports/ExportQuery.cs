namespace CpfPipeline.Cli.Exports;

/// <summary>What can be exported, and the query for it.</summary>
/// <param name="Text">SQL; <c>$1</c> is the position after which changes are wanted.</param>
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
        // An erasure that is under way is told as it will be once it is finished.
        Changes => new(
            """
            select c.seq, c.at, c.model_id, c.kind, coalesce(-x.erasure_id, c.content_id) as content_id,
                   coalesce(-y.erasure_id, c.group_id) as group_id, coalesce(-z.erasure_id, c.previous_group_id) as previous_group_id
            from cpf.group_changes c
            left join cpf.erasures x on x.state <> 'finished' and x.content_id = c.content_id
            left join cpf.erasures y on y.state <> 'finished' and y.content_id = c.group_id
            left join cpf.erasures z on z.state <> 'finished' and z.content_id = c.previous_group_id
            where c.seq > $1
            order by c.seq
            """, new HashSet<string> { "content_id", "group_id", "previous_group_id" }, "seq"),
        _ => throw CommandException.Usage($"export does not know '{what}'"),
    };
}
