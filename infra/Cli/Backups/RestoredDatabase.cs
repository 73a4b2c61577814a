using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// What a database needs that was restored. Rights on the database itself are in no dump of its schemas. The broker's queues are in no
/// backup: what they held is announced again. All of it can be repeated, and announcing twice changes nothing.
/// </summary>
internal static class RestoredDatabase
{
    private const int ChunkSize = 200;

    // As migration 26 has it.
    private const string Rights = """
        do $$
        begin
            execute format('revoke temporary on database %I from public', current_database());
            execute format('grant temporary on database %I to cpf_service', current_database());
            revoke create on schema public from public;
        end $$
        """;

    // The sessions that held them are those of another server.
    private const string Locks = "update cpf.kept_locks set holder_pid = null, holder_role = null, holder_started = null";

    // Each signs a browser in once, and may have been used since.
    private const string Links = "delete from cpf.browser_links";

    // Who read changes after the backup asks for those after a position that the database does not have. New ones come after it.
    private const string Positions = """
        select setval('cpf.group_events_seq_seq', greatest(e.last_value, 1) + 1000000000), setval('cpf.outbox_seq_seq',
            greatest(o.last_value, 1) + 1000000000)
        from cpf.group_events_seq_seq e cross join cpf.outbox_seq_seq o
        """;

    // Their commands had left the outbox. What waits for a host is in cpf.fetches, and comes from there. Of images that show something else
    // the submissions are in a table of their own.
    private const string Received = """
        select i.source, i.external_id, i.uri, i.product_key, i.key_scope, i.revision
        from cpf.images i
        where i.state = 'received' and not exists (select from cpf.fetches f where f.image_id = i.image_id)
        union all
        select i.source, i.external_id, s.uri, s.product_key, s.key_scope, s.revision
        from cpf.submissions s
        join cpf.images i using (image_id)
        """;

    private const string Unembedded = """
        select c.content_id
        from cpf.models m
        cross join cpf.contents c
        where m.state = 'active' and c.state = 'stored'
          and not exists (select from cpf.embeddings e where e.head_id = m.head_id and e.content_id = c.content_id)
          and (exists (select from cpf.images i where i.content_id = c.content_id and i.state = 'stored')
               or exists (select from cpf.image_updates u where u.content_id = c.content_id))
        order by c.content_id
        """;

    // Members that lost their image, and live contents that are no members: the Matcher looks at what these contents are.
    private const string Memberships = """
        select content_id
        from (select g.content_id
              from cpf.models m
              join cpf.group_members g on g.model_id = m.model_id
              where m.state = 'active'
                and not exists (select from cpf.images i where i.content_id = g.content_id and i.state = 'stored')
              union
              select e.content_id
              from cpf.models m
              join cpf.embeddings e on e.head_id = m.head_id
              where m.state = 'active'
                and not exists (select from cpf.group_members g where g.model_id = m.model_id and g.content_id = e.content_id)
                and exists (select from cpf.images i where i.content_id = e.content_id and i.state = 'stored')) as c
        order by content_id
        """;

    // The last word on each pair of which one was said within the hour before the backup, and whatever the groups do not follow.
    private const string Verdicts = """
        select content_a, content_b, coalesce(verdict, 'withdrawn')
        from (select content_a, content_b from cpf.verdict_events
              where at > (select max(at) from cpf.verdict_events) - interval '1 hour'
              union
              select v.content_a, v.content_b
              from cpf.models m
              join cpf.verdicts      v on true
              join cpf.group_members a on a.model_id = m.model_id and a.content_id = v.content_a
              join cpf.group_members b on b.model_id = m.model_id and b.content_id = v.content_b
              where m.state = 'active' and (v.verdict = 'same') <> (a.group_id = b.group_id)) as p
        left join cpf.verdicts using (content_a, content_b)
        order by 1, 2
        """;

    /// <summary>Does all of it in one transaction, with which the services may connect.</summary>
    /// <returns>How many messages were added to the outbox.</returns>
    public static async Task<long> FinishAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        foreach (var sql in new[] { Rights, Locks, Links, Positions })
        {
            await connection.Sql(sql).ExecuteAsync(cancellationToken);
        }

        var announced = 0L;
        foreach (var messages in (await MessagesAsync(connection, cancellationToken)).Chunk(ChunkSize))
        {
            announced += (await OutboxStore.AppendAsync(connection, messages, cancellationToken)).Count;
        }

        await UnfinishedRestore.EndAsync(connection, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return announced;
    }

    private static async Task<List<object>> MessagesAsync(NpgsqlConnection connection, CancellationToken cancellationToken) =>
    [
        .. await connection.Sql(Received).WithoutTimeout().QueryAsync(
            row => new SubmitImage
            {
                Source = row.GetString(0), ExternalId = row.GetString(1), Uri = row.GetString(2), ProductKey = row.GetStringOrNull(3),
                KeyScope = row.GetString(4), Revision = row.GetInt64(5),
            }, cancellationToken),
        .. (await IdsAsync(connection, Unembedded, cancellationToken)).Chunk(ChunkSize).Select(c => new EmbedContents { ContentIds = c }),
        .. (await IdsAsync(connection, Memberships, cancellationToken)).Chunk(ChunkSize)
            .Select(c => new ContentReleased { ContentIds = c }),
        .. await connection.Sql(Verdicts).WithoutTimeout().QueryAsync(
            row => new VerdictGiven { ContentA = row.GetInt64(0), ContentB = row.GetInt64(1), Verdict = row.GetString(2) },
            cancellationToken),
    ];

    private static Task<List<long>> IdsAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken) =>
        connection.Sql(sql).WithoutTimeout().QueryAsync(row => row.GetInt64(0), cancellationToken);
}
