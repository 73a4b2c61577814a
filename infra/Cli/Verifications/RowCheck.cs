namespace CpfPipeline.Cli.Verifications;

/// <summary>Rows that should not be as they are.</summary>
/// <param name="Kind">See <see cref="FaultKind"/>.</param>
/// <param name="Sql">
/// Selects a content id and a text for people. <c>$1</c> is the grace: what changed within it is on its way. Each is an anti-join over
/// indexes, so PostgreSQL does it in bounded memory.
/// </param>
internal sealed record RowCheck(string Kind, string Sql)
{
    // An image of the content that changed lately, or an erasure that is not finished, explains what is missing.
    private const string OnItsWay = """
        exists (select from cpf.images w where w.content_id = x.content_id and w.updated_at > now() - $1)
          or exists (select from cpf.image_contents w where w.content_id = x.content_id and w.until > now() - $1)
          or exists (select from cpf.contents w where w.content_id = x.content_id and w.created_at > now() - $1)
          or exists (select from cpf.erasures w where w.content_id = x.content_id and w.state <> 'finished')
        """;

    private const string Live = """
        exists (select from cpf.contents c where c.content_id = x.content_id and c.state = 'stored')
          and exists (select from cpf.images i where i.content_id = x.content_id and i.state = 'stored')
        """;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RowCheck> All { get; } =
    [
        new(FaultKind.EmbeddingMissing, $"""
            select x.content_id, 'content ' || x.content_id
            from cpf.models m
            join cpf.contents x on x.state = 'stored'
            where m.state = 'active' and {Live}
              and not exists (select from cpf.embeddings e where e.head_id = m.head_id and e.content_id = x.content_id)
              and not ({OnItsWay})
            """),
        new(FaultKind.MemberGone, $"""
            select x.content_id, 'content ' || x.content_id || ' of model ' || x.model_id
            from cpf.models m
            join cpf.group_members x on x.model_id = m.model_id
            where m.state = 'active' and not ({Live}) and not ({OnItsWay})
            """),
        new(FaultKind.MemberMissing, $"""
            select x.content_id, 'content ' || x.content_id
            from cpf.models m
            join cpf.embeddings x on x.head_id = m.head_id
            where m.state = 'active' and {Live} and not cpf.is_placeholder(x.content_id)
              and not exists (select from cpf.group_members g where g.model_id = m.model_id and g.content_id = x.content_id)
              and not ({OnItsWay})
            """),
        new(FaultKind.EmbeddingOrphaned, """
            select x.content_id, 'content ' || x.content_id
            from (select content_id from cpf.embeddings union select content_id from cpf.features) as x
            where not exists (select from cpf.contents c where c.content_id = x.content_id) and $1::interval is not null
            """),
        new(FaultKind.MatchOrphaned, """
            select x.content_a, x.content_a || ' and ' || x.content_b || ' under head ' || x.head_id
            from cpf.matches x
            where (not exists (select from cpf.embeddings e where e.head_id = x.head_id and e.content_id = x.content_a)
                or not exists (select from cpf.embeddings e where e.head_id = x.head_id and e.content_id = x.content_b))
              and $1::interval is not null
            """),
        new(FaultKind.GroupRow, """
            select x.content_id, x.what || ' ' || x.content_id || ' of model ' || x.model_id
            from (select model_id, group_id as content_id, 'group' as what from cpf.groups g
                  where not exists (select from cpf.group_members m where m.model_id = g.model_id and m.group_id = g.group_id)
                  union all
                  select model_id, "right", 'merge' from cpf.group_merges g
                  where not exists (select from cpf.group_members m where m.model_id = g.model_id and m.content_id = g."right")) as x
            where $1::interval is not null
            """),
        new(FaultKind.ErasedRow, $"""
            select x.content_id, 'content ' || x.content_id || ' counts as erased, and no erasure is under way'
            from cpf.contents x
            where x.state = 'erased' and not ({OnItsWay})
            """),
    ];
}
