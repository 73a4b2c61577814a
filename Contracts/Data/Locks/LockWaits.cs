using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Data.Locks;

/// <summary>Reads the waits for <see cref="TransactionLocks"/>.</summary>
public static class LockWaits
{
    private const string Select = """
        select c.relname::text, w.application_name, extract(epoch
            from clock_timestamp() - l.waitstart)::double precision, h.pid, h.application_name
        from pg_locks l
        join pg_class c on c.oid = l.relation
        join pg_stat_activity w on w.pid = l.pid
        left join lateral (
            select a.pid, a.application_name
            from pg_locks g
            join pg_stat_activity a using (pid)
            where g.locktype = 'relation' and g.database = l.database and g.relation = l.relation and g.granted
            order by a.pid
            limit 1
        ) h on true
        where l.locktype = 'relation' and not l.granted
          and l.database = (select oid from pg_database where datname = current_database())
          and l.relation in ('cpf.lock_groups'::regclass, 'cpf.lock_models'::regclass, 'cpf.lock_matches'::regclass)
          and l.waitstart <= clock_timestamp() - $1
        order by l.waitstart
        """;

    /// <summary>Waits of at least a given length, the longest first.</summary>
    public static async Task<IReadOnlyList<LockWait>> ReadAsync(
        NpgsqlDataSource dataSource, TimeSpan atLeast, CancellationToken cancellationToken)
    {
        return await dataSource.Sql(Select, [atLeast]).QueryAsync(row => new LockWait(
                row.GetString(0), row.GetString(1), row.GetDouble(2), row.GetOrNull<int>(3),
                row.GetStringOrNull(4)), cancellationToken);
    }
}
