using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Sql;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Submissions;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Intake;

/// <summary>The images whose hosts did not give them yet (<c>cpf.fetches</c>). Instances share them by leases.</summary>
/// <param name="dataSource">The process's data source.</param>
internal sealed class ParkedFetchStore(NpgsqlDataSource dataSource)
{
    private const string Park = """
        insert into cpf.fetches (image_id, source, external_id, uri, host, product_key, key_scope, revision, feed_id, row_number, attempts,
                                 due_at, reason, detail)
        select image_id, source, external_id, uri, host, product_key, key_scope, revision, feed_id, row_number, attempts,
               now() + pause, reason, detail
        from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
             as t(image_id, source, external_id, uri, host, product_key, key_scope, revision, feed_id, row_number, attempts,
                  pause, reason, detail)
        on conflict do nothing
        returning image_id, revision
        """;

    // Every source in turn, and of each every host: the oldest at each before the second at any. Nobody gets ahead by many hosts, of which
    // a name server, or the ports of one machine, make as many as wanted.
    private const string Claim = """
        with due as (
            select fetch_id, source, row_number() over (partition by host, source order by due_at, fetch_id) as place
            from cpf.fetches
            where due_at <= now() and (leased_until is null or leased_until < now())
              and not exists (select from unnest($1, $4) as c(host, source) where c.host = fetches.host and c.source = fetches.source)
        ), turns as (
            select fetch_id, row_number() over (partition by source order by place, fetch_id) as turn from due where place <= $2
        ), chosen as (
            select f.fetch_id
            from cpf.fetches f
            join (select fetch_id, turn from turns order by turn, fetch_id limit $3) d using (fetch_id)
            order by d.turn, f.fetch_id
            for update of f skip locked
        )
        update cpf.fetches f
        set leased_until = now() + $5
        from chosen c
        where f.fetch_id = c.fetch_id
        returning f.fetch_id, f.source, f.external_id, f.uri, f.product_key, f.key_scope, f.revision, f.attempts, now() - f.parked_at,
                  f.reason, f.detail, f.feed_id, f.row_number
        """;

    /// <summary>Parks fetches in the transaction that makes their images known; one image and revision once.</summary>
    /// <returns>Positions of those that were not parked, with the URI that is waited for instead under the same image and
    /// revision.</returns>
    public static async Task<IReadOnlyDictionary<int, string>> ParkAsync(
        NpgsqlConnection connection, IReadOnlyList<ParkedFetch> fetches, CancellationToken cancellationToken)
    {
        if (fetches.Count == 0)
        {
            return new Dictionary<int, string>();
        }

        var entries = fetches.Select(f => f.Entry).ToArray();
        var parked = await connection.Sql(Park, [
            entries.Select(e => e.ImageId).ToArray(),
            entries.Select(e => e.Source).ToArray(),
            entries.Select(e => e.ExternalId).ToArray(),
            entries.Select(e => e.Uri).ToArray(),
            entries.Select(e => HostGates.NameOf(new Uri(e.Uri))).ToArray(),
            Nullable(entries.Select(e => e.ProductKey).ToArray(), NpgsqlDbType.Text),
            entries.Select(e => e.KeyScope).ToArray(),
            entries.Select(e => e.Revision).ToArray(),
            Nullable(fetches.Select(f => f.FeedId).ToArray(), NpgsqlDbType.Bigint),
            Nullable(fetches.Select(f => f.Row).ToArray(), NpgsqlDbType.Bigint),
            fetches.Select(f => f.Outcome.WasTried ? 1 : 0).ToArray(),
            fetches.Select(f => f.Outcome.RetryAfter ?? TimeSpan.Zero).ToArray(),
            fetches.Select(f => f.Outcome.Reason!).ToArray(),
            Nullable(fetches.Select(f => f.Outcome.Detail).ToArray(), NpgsqlDbType.Text),
        ]).QueryAsync(row => (row.GetGuid(0), row.GetInt64(1)), cancellationToken);

        // The first of a name is the one that was inserted.
        var inserted = parked.ToHashSet();
        var others = Enumerable.Range(0, entries.Length).Where(i => !inserted.Remove((entries[i].ImageId, entries[i].Revision))).ToArray();
        return others.Length == 0 ? new Dictionary<int, string>() : await FindAsync(connection, entries, others, cancellationToken);
    }

    /// <summary>Takes fetches that are due, every host in turn.</summary>
    /// <param name="closed">Hosts that are not to be asked for images of a source now.</param>
    /// <param name="maxPerHost">Maximum for one host and source.</param>
    /// <param name="limit">Maximum in all.</param>
    /// <param name="lease">How long no other instance takes them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<DueFetch>> ClaimAsync(
        IReadOnlyList<(string Host, string Source)> closed, int maxPerHost, int limit, TimeSpan lease,
        CancellationToken cancellationToken) =>
        await dataSource.Sql(Claim, [
            closed.Select(c => c.Host).ToArray(), maxPerHost, limit, closed.Select(c => c.Source).ToArray(), lease,
        ]).QueryAsync(Read, cancellationToken);

    /// <summary>Puts a fetch off.</summary>
    public Task PostponeAsync(
        long fetchId, int attempts, TimeSpan pause, string reason, string? detail, CancellationToken cancellationToken) =>
        dataSource.Sql(
            """
            update cpf.fetches set attempts = $2, due_at = now() + $3, reason = $4, detail = $5, leased_until = null where fetch_id = $1
            """,
            [fetchId, attempts, pause, reason,
                new NpgsqlParameter { Value = (object?)detail ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text }])
            .ExecuteAsync(cancellationToken);

    /// <summary>Removes a fetch that came to its end, and counts it for its feed, in the transaction that applies it.</summary>
    public static async Task EndAsync(NpgsqlConnection connection, DueFetch fetch, IntakeResult result, CancellationToken cancellationToken)
    {
        if (result.NotYet is not null)
        {
            return; // Its blob vanished, and the second fetch failed: the lease runs out.
        }

        var removed = await connection.Sql("delete from cpf.fetches where fetch_id = $1", [fetch.FetchId]).ExecuteAsync(cancellationToken);
        if (removed == 1 && fetch is { FeedId: { } feedId, Row: { } row })
        {
            await FeedStore.SettleAsync(
                connection, feedId,
                result.Reason is { } reason ? new FeedRejection(row, fetch.Entry.ExternalId, reason, result.Change?.RejectDetail) : null,
                result.Effect == ImageEffect.Changed, result.Conflicts ? fetch.Entry.ExternalId : null, cancellationToken);
        }
    }

    private static async Task<IReadOnlyDictionary<int, string>> FindAsync(
        NpgsqlConnection connection, ImageEntry[] entries, int[] positions, CancellationToken cancellationToken)
    {
        var waiting = await connection.Sql(
            "select image_id, revision, uri from cpf.fetches where image_id = any($1)",
            [positions.Select(i => entries[i].ImageId).ToArray()])
            .QueryAsync(row => (Key: (row.GetGuid(0), row.GetInt64(1)), Uri: row.GetString(2)), cancellationToken);
        var uris = waiting.ToDictionary(w => w.Key, w => w.Uri);

        // One that ended in the meantime is not there any more.
        return positions.ToDictionary(i => i, i => uris.GetValueOrDefault((entries[i].ImageId, entries[i].Revision), entries[i].Uri));
    }

    private static NpgsqlParameter Nullable(Array values, NpgsqlDbType type) =>
        new() { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type };

    private static DueFetch Read(NpgsqlDataReader row) => new(
        row.GetInt64(0),
        new ImageEntry
        {
            Source = row.GetString(1), ExternalId = row.GetString(2), Uri = row.GetString(3), ProductKey = row.GetStringOrNull(4),
            KeyScope = row.GetString(5), Revision = row.GetInt64(6), FeedId = row.GetOrNull<long>(11),
        },
        row.GetInt32(7), row.GetFieldValue<TimeSpan>(8), row.GetString(9), row.GetStringOrNull(10), row.GetOrNull<long>(11),
        row.GetOrNull<long>(12));
}
