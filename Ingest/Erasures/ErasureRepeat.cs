using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>
/// Brings the database and the record of erasures in line, at start: erasures that the database does not know are repeated, since it was
/// restored from before them; those that have no record get one. Names of files are compared with tombstones: there may be very many, on a
/// share, and only those that are missing on a side are read. <see cref="ErasureTurn"/> sees to receipts that a record lacks.
/// </summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="key">The tombstone key.</param>
/// <param name="records">The record.</param>
/// <param name="recording">Writes it.</param>
/// <param name="store">Asks for erasures.</param>
/// <param name="dispatch">Publishes what they announce.</param>
/// <param name="logger">Log.</param>
internal sealed class ErasureRepeat(
    NpgsqlDataSource dataSource, TombstoneKey key, ErasureRecords records, ErasureRecording recording, ErasureStore store,
    DispatchOutbox dispatch, ILogger<ErasureRepeat> logger)
{
    // Erasures of an image's former contents have no tombstone of their own: the image's makes them again.
    private const string Known = """
        select encode(t.hash, 'hex'), t.erasure_id from cpf.tombstones t
        """;

    // Numbers up to the greatest of the record are not given anew.
    private const string Numbers = """
        select count(nextval('cpf.erasures_erasure_id_seq'))
        from cpf.erasures_erasure_id_seq s cross join lateral generate_series(s.last_value, $1 - 1)
        """;

    /// <summary>Runs it. One instance at a time; others wait for it.</summary>
    /// <returns>How many erasures were repeated.</returns>
    /// <exception cref="TombstoneKeyException">The record or the tombstones were made with another key.</exception>
    /// <exception cref="InvalidDataException">A record is damaged.</exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        await using var held = await KeptLock.TakeAsync(
            dataSource, "erasures repeated", TimeProvider.System, TimeSpan.FromMinutes(1), _ => { }, cancellationToken);
        var known = (await dataSource.Sql(Known).WithoutTimeout().QueryAsync(
            row => (Tombstone: row.GetString(0), ErasureId: row.GetInt64(1)), cancellationToken))
            .ToDictionary(t => t.Tombstone, t => t.ErasureId);
        var recorded = records.Tombstones().ToHashSet();
        var missing = recorded.Where(t => !known.ContainsKey(t)).Select(records.Find).OfType<ErasureRecord>().OrderBy(r => r.ErasureId)
            .ToDictionary(r => r.Tombstone);
        if (missing.Count > 0)
        {
            Verify(missing.Values);
            await dataSource.Sql(Numbers, [missing.Values.Max(r => r.ErasureId)]).ExecuteAsync(cancellationToken);
            await RepeatAsync(missing, cancellationToken);
            Log.ErasuresRepeated(logger, missing.Count);
        }

        foreach (var (_, erasureId) in known.Where(k => !recorded.Contains(k.Key)))
        {
            if (await store.FindAsync(erasureId, cancellationToken) is { } erasure)
            {
                recording.Keep(erasure);
            }
        }

        return missing.Count;
    }

    private async Task RepeatAsync(Dictionary<string, ErasureRecord> missing, CancellationToken cancellationToken)
    {
        var forbidden = new Dictionary<string, ErasureRecord>();
        var (contents, images) = await FindAsync(missing, cancellationToken);
        foreach (var record in missing.Values)
        {
            if (!await EraseAsync(record, contents, images, cancellationToken))
            {
                await store.ForbidAsync(record.Scope, Convert.FromHexString(record.Tombstone), OrderOf(record), cancellationToken);
                forbidden.Add(record.Tombstone, record);
            }
        }

        // What came in between the look and the tombstone. Nothing does after it.
        (contents, images) = forbidden.Count == 0 ? ([], []) : await FindAsync(forbidden, cancellationToken);
        foreach (var record in forbidden.Values.Where(r => contents.ContainsKey(r.Tombstone) || images.ContainsKey(r.Tombstone)))
        {
            await store.AllowAsync(Convert.FromHexString(record.Tombstone), cancellationToken);
            await EraseAsync(record, contents, images, cancellationToken);
        }
    }

    private async Task<bool> EraseAsync(
        ErasureRecord record, Dictionary<string, byte[]> contents, Dictionary<string, (string Source, string ExternalId)> images,
        CancellationToken cancellationToken)
    {
        var outcome =
            contents.TryGetValue(record.Tombstone, out var sha256)
                ? await store.RequestContentAsync(sha256, OrderOf(record), ErasureMessages.Released, cancellationToken)
            : images.TryGetValue(record.Tombstone, out var image)
                ? await store.RequestImageAsync(
                    image.Source, image.ExternalId, OrderOf(record), ErasureMessages.Released, cancellationToken)
            : null;
        if (outcome is not null)
        {
            await dispatch(outcome.Outbox, cancellationToken);
        }

        return outcome is not null;
    }

    private static ErasureOrder OrderOf(ErasureRecord record) => new(record.Who, record.Note, record.RequestedAt, record.ErasureId);

    private async Task<(Dictionary<string, byte[]> Contents, Dictionary<string, (string Source, string ExternalId)> Images)> FindAsync(
        Dictionary<string, ErasureRecord> missing, CancellationToken cancellationToken) =>
    (
        await FindAsync(
            missing, "select sha256 from cpf.contents where state <> 'erased'", row => row.GetFieldValue<byte[]>(0),
            sha256 => key.OfContent(sha256), cancellationToken),
        await FindAsync(
            missing, "select source, external_id from cpf.images", row => (Source: row.GetString(0), ExternalId: row.GetString(1)),
            image => key.OfImage(image.Source, image.ExternalId), cancellationToken));

    private void Verify(IEnumerable<ErasureRecord> missing)
    {
        var check = Convert.ToHexStringLower(key.Check);
        if (missing.Any(r => r.KeyCheck != check))
        {
            throw new TombstoneKeyException(
                "The record of erasures was made with another tombstone key: give this Ingest that key's file (setting "
                    + "Ingest:TombstoneKeyFile), from another instance or a backup, and start it again. Erased pictures could come back.");
        }
    }

    // One pass over the rows, whose hashes are compared with all that are missing.
    private async Task<Dictionary<string, T>> FindAsync<T>(
        Dictionary<string, ErasureRecord> missing, string sql, Func<NpgsqlDataReader, T> read, Func<T, byte[]> hash,
        CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, T>();
        await dataSource.Sql(sql).WithoutTimeout().ForEachAsync(
            row =>
            {
                var value = read(row);
                var tombstone = Convert.ToHexStringLower(hash(value));
                if (missing.ContainsKey(tombstone))
                {
                    found[tombstone] = value;
                }
            }, cancellationToken);
        return found;
    }
}
