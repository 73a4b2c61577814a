using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Trainer.Retention;

/// <summary>
/// Takes out of the history what another change replaced before a moment. What held at that moment stays, however old: the last event of a
/// content, and the last one that was more than a renaming, say since when it is in its group. So the history from the moment on is whole,
/// and nothing that is the case now depends on what is gone.
/// </summary>
/// <remarks>
/// Old rows that stay are not looked at again and again. A row is gone through once, when the moment passes it: it takes away those before
/// it that it replaces. A page is one transaction, which also writes how far this is. Who changes a row meanwhile, as an erasure does, is
/// not held up: the page is given up instead.
/// </remarks>
internal static class HistoryStore
{
    private const string KeepFrom = """
        update cpf.history_marks set kept_from = greatest(kept_from, $1) returning kept_from
        """;

    // The last event stays: others count on from it.
    private const string EventPage = """
        with page as (
            select e.seq, e.at from cpf.group_events e, cpf.history_marks m where e.seq > m.events_seen order by e.seq limit $2
        )
        select max(p.seq) from page p
        where p.seq < coalesce((select min(q.seq) from page q where q.at >= $1), 9223372036854775807)
          and p.seq < (select max(seq) from cpf.group_events)
        """;

    private const string DeleteEvents = """
        with passed as (
            select e.content_id, max(e.seq) as last, max(e.seq) filter (where e.kind <> 'renamed') as moved,
                   (array_agg(e.kind order by e.seq desc))[1] = 'left' as gone
            from cpf.group_events e, cpf.history_marks m
            where e.seq > m.events_seen and e.seq <= $1
            group by e.content_id
        ), removed as (
            delete from cpf.group_events e using passed p
            where e.content_id = p.content_id and e.seq <= $1
              and (e.seq < p.moved or (e.seq < p.last and e.kind = 'renamed') or (p.gone and e.seq <= p.last))
            returning e.seq
        ), marked as (
            update cpf.history_marks m
            set events_seen = $1, events_removed = greatest(m.events_removed, (select max(seq) from removed))
        )
        select count(*) from removed
        """;

    private const string PlaceholderPage = """
        with page as (
            select e.seq, e.at from cpf.placeholder_events e, cpf.history_marks m where e.seq > m.placeholders_seen order by e.seq limit $2
        )
        select max(p.seq) from page p where p.seq < coalesce((select min(q.seq) from page q where q.at >= $1), 9223372036854775807)
        """;

    private const string DeletePlaceholders = """
        with passed as (
            select e.content_id, max(e.seq) as last
            from cpf.placeholder_events e, cpf.history_marks m
            where e.seq > m.placeholders_seen and e.seq <= $1
            group by e.content_id
        ), removed as (
            delete from cpf.placeholder_events e using passed p where e.content_id = p.content_id and e.seq < p.last returning e.seq
        ), marked as (
            update cpf.history_marks set placeholders_seen = $1
        )
        select count(*) from removed
        """;

    private const string ContentPage = """
        with page as (
            select h.until from cpf.image_contents h, cpf.history_marks m where h.until > m.contents_seen and h.until < $1
            order by h.until limit $2
        )
        select max(until) from page
        """;

    private const string DeleteContents = """
        with passed as (
            select h.image_id, max(h.until) as last
            from cpf.image_contents h, cpf.history_marks m
            where h.until > m.contents_seen and h.until <= $1
            group by h.image_id
        ), removed as (
            delete from cpf.image_contents h using passed p where h.image_id = p.image_id and h.until < p.last returning h.image_id
        ), marked as (
            update cpf.history_marks set contents_seen = $1
        )
        select count(*) from removed
        """;

    /// <summary>Says that history is whole from a moment on only. It never becomes whole again before that.</summary>
    /// <returns>From when on it is whole.</returns>
    public static Task<DateTimeOffset> KeepFromAsync(
        NpgsqlConnection connection, DateTimeOffset moment, CancellationToken cancellationToken) =>
        connection.Sql(KeepFrom, [moment]).FirstAsync(row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken);

    /// <summary>Goes through a page of group events.</summary>
    /// <param name="connection">Connection with a running transaction.</param>
    /// <param name="moment">From here on history is whole.</param>
    /// <param name="limit">Events at most.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Rows removed; null: there is no event to go through.</returns>
    public static Task<long?> DeleteEventsAsync(
        NpgsqlConnection connection, DateTimeOffset moment, int limit, CancellationToken cancellationToken) =>
        DeleteAsync<long?>(connection, EventPage, DeleteEvents, moment, limit, cancellationToken);

    /// <summary>As <see cref="DeleteEventsAsync"/>: changes of placeholders.</summary>
    public static Task<long?> DeletePlaceholdersAsync(
        NpgsqlConnection connection, DateTimeOffset moment, int limit, CancellationToken cancellationToken) =>
        DeleteAsync<long?>(connection, PlaceholderPage, DeletePlaceholders, moment, limit, cancellationToken);

    /// <summary>As <see cref="DeleteEventsAsync"/>: what images showed before.</summary>
    public static Task<long?> DeleteContentsAsync(
        NpgsqlConnection connection, DateTimeOffset moment, int limit, CancellationToken cancellationToken) =>
        DeleteAsync<DateTime?>(connection, ContentPage, DeleteContents, moment, limit, cancellationToken);

    private static async Task<long?> DeleteAsync<TPlace>(
        NpgsqlConnection connection, string page, string delete, DateTimeOffset moment, int limit, CancellationToken cancellationToken) =>
        await connection.Sql(page, [moment, limit]).WithoutTimeout().ScalarAsync<TPlace>(cancellationToken) is { } end
            ? await connection.Sql(delete, [end]).WithoutTimeout().ScalarAsync<long>(cancellationToken)
            : null;
}
