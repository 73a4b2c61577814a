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

    // Sources behind a given one, each by one look at the index.
    internal const string Sources = """
        with recursive turn as (
            (select source from cpf.fetches where source > $1 order by source limit 1)
            union all
            select n.source
            from turn t
            cross join lateral (select f.source from cpf.fetches f where f.source > t.source order by f.source limit 1) n
        )
        select source from turn limit $2
        """;

    // Hosts of sources, each behind a given one, likewise.
    internal const string Hosts = """
        select s.source, h.host
        from unnest($1, $2) as s(source, after)
        cross join lateral (
            with recursive turn as (
                (select f.host from cpf.fetches f where f.source = s.source and f.host > s.after order by f.host limit 1)
                union all
                select n.host
                from turn t
                cross join lateral (
                    select f.host from cpf.fetches f where f.source = s.source and f.host > t.host order by f.host limit 1
                ) n
            )
            select host from turn limit $3
        ) h
        """;

    // Every source in turn, and of each every host: the oldest at each before the second at any. Nobody gets ahead by many hosts, of which
    // a name server, or the ports of one machine, make as many as wanted.
    internal const string Claim = """
        with due as (
            select d.fetch_id, t.source, d.place
            from unnest($1, $2) as t(source, host)
            cross join lateral (
                select f.fetch_id, row_number() over (order by f.due_at, f.fetch_id) as place
                from (
                    select fetch_id, due_at
                    from cpf.fetches
                    where source = t.source and host = t.host and due_at <= now() and (leased_until is null or leased_until < now())
                    order by due_at, fetch_id
                    limit $3
                ) f
            ) d
        ), turns as (
            select fetch_id, row_number() over (partition by source order by place, fetch_id) as turn from due
        ), chosen as (
            select f.fetch_id
            from cpf.fetches f
            join (select fetch_id, turn from turns order by turn, fetch_id limit $4) d using (fetch_id)
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

    // So many hosts of sources have their turn in one claim; the next one goes on behind them.
    private const int MaxTurns = 1_000;

    private string _lastSource = "";
    private Dictionary<string, string> _lastHosts = new(StringComparer.Ordinal);

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

    /// <summary>Takes fetches that are due, every host in turn. Not to be called by two at once.</summary>
    /// <param name="closed">Hosts that are not to be asked for images of a source now.</param>
    /// <param name="maxPerHost">Maximum for one host and source.</param>
    /// <param name="limit">Maximum in all.</param>
    /// <param name="lease">How long no other instance takes them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<DueFetch>> ClaimAsync(
        IReadOnlyList<(string Host, string Source)> closed, int maxPerHost, int limit, TimeSpan lease,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var turns = await TakeTurnsAsync(connection, cancellationToken);
        var open = turns.Except(closed.Select(c => (c.Source, c.Host))).ToArray();
        return open.Length == 0 ? [] : await connection.Sql(Claim, [
            open.Select(t => t.Source).ToArray(), open.Select(t => t.Host).ToArray(), maxPerHost, limit, lease,
        ]).QueryAsync(Read, cancellationToken);
    }

    private async Task<IReadOnlyList<(string Source, string Host)>> TakeTurnsAsync(
        NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var sources = await connection.Sql(Sources, [_lastSource, MaxTurns]).QueryAsync(row => row.GetString(0), cancellationToken);
        _lastSource = sources.Count == MaxTurns ? sources[^1] : "";
        if (sources.Count == 0)
        {
            return [];
        }

        var hostsOfOne = MaxTurns / sources.Count;
        var behind = await ReadHostsAsync(connection, sources, s => _lastHosts.GetValueOrDefault(s, ""), hostsOfOne, cancellationToken);

        // A source that has come to its last host begins anew.
        var counts = behind.CountBy(t => t.Source).ToDictionary(StringComparer.Ordinal);
        var atEnd = sources.FindAll(s => _lastHosts.ContainsKey(s) && counts.GetValueOrDefault(s) < hostsOfOne);
        var anew = await ReadHostsAsync(connection, atEnd, _ => "", hostsOfOne, cancellationToken);
        var turns = behind.Concat(anew).Distinct().GroupBy(t => t.Source)
            .ToDictionary(hosts => hosts.Key, hosts => hosts.Take(hostsOfOne).ToList(), StringComparer.Ordinal);
        _lastHosts = turns.Where(t => t.Value.Count == hostsOfOne)
            .ToDictionary(t => t.Key, t => t.Value[^1].Host, StringComparer.Ordinal);
        return [.. turns.Values.SelectMany(hosts => hosts)];
    }

    private static async Task<List<(string Source, string Host)>> ReadHostsAsync(
        NpgsqlConnection connection, IReadOnlyCollection<string> sources, Func<string, string> after, int limit,
        CancellationToken cancellationToken) =>
        sources.Count == 0 ? [] : await connection.Sql(Hosts, [sources.ToArray(), sources.Select(after).ToArray(), limit])
            .QueryAsync(row => (row.GetString(0), row.GetString(1)), cancellationToken);

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

        await EndAsync(
            connection, fetch, result.Reason, result.Change?.RejectDetail, result.Effect == ImageEffect.Changed, result.Conflicts,
            cancellationToken);
    }

    /// <summary>Removes a fetch of which nothing can be written into its image, and counts it for its feed.</summary>
    public async Task DropAsync(DueFetch fetch, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await EndAsync(connection, fetch, reason, detail: null, isChange: false, conflicts: false, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task EndAsync(
        NpgsqlConnection connection, DueFetch fetch, string? reason, string? detail, bool isChange, bool conflicts,
        CancellationToken cancellationToken)
    {
        var removed = await connection.Sql("delete from cpf.fetches where fetch_id = $1", [fetch.FetchId]).ExecuteAsync(cancellationToken);
        if (removed == 1 && fetch is { FeedId: { } feedId, Row: { } row })
        {
            await FeedStore.SettleAsync(
                connection, feedId, reason is null ? null : new FeedRejection(row, fetch.Entry.ExternalId, reason, detail), isChange,
                conflicts ? fetch.Entry.ExternalId : null, cancellationToken);
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
