using CpfPipeline.Contracts;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Removes erased images and contents from messages that wait to be published. Rows that are being published right now are left alone: they
/// are about to go.
/// </summary>
internal static class OutboxTraces
{
    private const string ForgetImages = $"""
        delete from cpf.outbox where seq in (
            select o.seq
            from cpf.outbox o
            join unnest($1, $2) as t(source, external_id) on o.payload->>'source' = t.source and o.payload->>'externalId' = t.external_id
            where o.type in ('{nameof(SubmitImage)}', '{nameof(RetractImage)}', '{nameof(ImageRejected)}')
            for update of o skip locked)
        """;

    private const string OfPipeline =
        $"('{nameof(ContentStored)}', '{nameof(ContentReleased)}', '{nameof(ContentsEmbedded)}', '{nameof(EmbedContents)}', "
        + $"'{nameof(VerdictGiven)}')";

    // Ids are strings; messages that an older service wrote hold numbers.
    private const string ForgetContent = $$"""
        with named as (
            select seq, type, payload
            from cpf.outbox
            where type in {{OfPipeline}}
              and ($1::text in (payload->>'contentId', payload->>'contentA', payload->>'contentB')
                   or payload->'contentIds' ? $1::text or payload->'contentIds' @> to_jsonb($1))
            for update skip locked
        ), emptied as (
            delete from cpf.outbox o using named n
            where o.seq = n.seq and (n.type in ('{{nameof(ContentStored)}}', '{{nameof(VerdictGiven)}}') or
                jsonb_array_length(n.payload->'contentIds') = 1)
        )
        update cpf.outbox o
        set payload = jsonb_set(
            o.payload, '{contentIds}',
            (select jsonb_agg(id) from jsonb_array_elements(o.payload->'contentIds') as id where id #>> '{}' <> $1::text))
        from named n
        where o.seq = n.seq and n.type not in ('{{nameof(ContentStored)}}', '{{nameof(VerdictGiven)}}')
            and jsonb_array_length(n.payload->'contentIds') > 1
        """;

    private const string Names = """
        ($1::text in (payload->>'contentId', payload->>'contentA', payload->>'contentB')
         or payload->'contentIds' ? $1::text or payload->'contentIds' @> to_jsonb($1)
         or payload->'groupIds' ? $1::text or payload->'groupIds' @> to_jsonb($1))
        """;

    private const string NamesContent = $"select exists (select from cpf.outbox where {Names})";

    // Locks what could be forgotten, for this statement alone: what is locked already is being published.
    private const string WouldName = $"""
        with named as materialized (
            select seq from cpf.outbox where {Names}
        ), forgettable as materialized (
            select o.seq from cpf.outbox o join named using (seq) where o.type in {OfPipeline} for update of o skip locked
        )
        select exists (select from named where seq not in (select seq from forgettable))
        """;

    /// <summary>Removes messages about images.</summary>
    /// <returns>How many.</returns>
    public static async Task<long> ForgetImagesAsync(
        NpgsqlConnection connection, IReadOnlyCollection<(string Source, string ExternalId)> images, CancellationToken cancellationToken)
    {
        return await connection.Sql(ForgetImages, [
            new NpgsqlParameter { Value = images.Select(i => i.Source).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text },
            new NpgsqlParameter { Value = images.Select(i => i.ExternalId)
                .ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text }
        ])
            .WithoutTimeout().ExecuteAsync(cancellationToken);
    }

    /// <summary>
    /// Whether messages would still name a content after <see cref="ForgetContentAsync"/>. Reads the whole outbox, which is long while the
    /// broker is away: so it is asked before any lock is taken.
    /// </summary>
    public static Task<bool> WouldNameContentAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken) =>
        connection.Sql(WouldName, [contentId]).WithoutTimeout().ScalarAsync<bool>(cancellationToken);

    /// <summary>
    /// Removes a content from the messages of the pipeline. Messages for subscribers stay, because subscribers must be told.
    /// </summary>
    /// <returns>Whether no message names it any more.</returns>
    public static async Task<bool> ForgetContentAsync(NpgsqlConnection connection, long contentId, CancellationToken cancellationToken)
    {
        await connection.Sql(ForgetContent, [contentId]).WithoutTimeout().ExecuteAsync(cancellationToken);
        return !await connection.Sql(NamesContent, [contentId]).WithoutTimeout().ScalarAsync<bool>(cancellationToken);
    }
}
