using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>Looks for tombstones.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="key">The key they were made with.</param>
internal sealed class TombstoneStore(NpgsqlDataSource dataSource, TombstoneKey key)
{
    /// <summary>Whether the content was erased.</summary>
    /// <exception cref="TombstoneKeyException">The tombstones were made with another key.</exception>
    public async Task<bool> IsErasedAsync(byte[] sha256, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return (await FindAsync(connection, key, [key.OfContent(sha256)], cancellationToken)).Count > 0;
    }

    /// <summary>Which of these images were erased, and whether any content was.</summary>
    /// <exception cref="TombstoneKeyException">The tombstones were made with another key.</exception>
    public async Task<(IReadOnlySet<Guid> Images, bool AnyContents)> LookAsync(
        IReadOnlyCollection<(string Source, string ExternalId)> images, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var named = images.Distinct().ToDictionary(i => i, i => key.OfImage(i.Source, i.ExternalId));
        var found = await FindAsync(connection, key, named.Values, cancellationToken);
        return (
            named.Where(n => found.Contains(n.Value)).Select(n => ImageId.From(n.Key.Source, n.Key.ExternalId)).ToHashSet(),
            await connection.Sql("select exists (select from cpf.tombstones where kind = 'content')").ScalarAsync<bool>(cancellationToken));
    }

    /// <summary>Whether anything was erased, so that the key matters.</summary>
    /// <exception cref="TombstoneKeyException">The tombstones were made with another key.</exception>
    public async Task<bool> VerifyKeyAsync(CancellationToken cancellationToken)
    {
        if (await dataSource.Sql("select key_check from cpf.tombstone_key").ScalarAsync<byte[]?>(cancellationToken) is not { } check)
        {
            return false;
        }

        Verify(key, check);
        return true;
    }

    /// <summary>The hashes among these that are tombstones, as committed when the statement begins.</summary>
    /// <exception cref="TombstoneKeyException">The tombstones were made with another key.</exception>
    internal static async Task<HashSet<byte[]>> FindAsync(
        NpgsqlConnection connection, TombstoneKey key, IReadOnlyCollection<byte[]> hashes, CancellationToken cancellationToken)
    {
        var (found, check) = await connection.Sql(
            "select array(select hash from cpf.tombstones where hash = any($1)), (select key_check from cpf.tombstone_key)",
            [new NpgsqlParameter { Value = hashes.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea }])
            .FirstAsync(row => (row.GetFieldValue<byte[][]>(0), row.IsDBNull(1) ? null : row.GetFieldValue<byte[]>(1)), cancellationToken);
        if (check is not null)
        {
            Verify(key, check);
        }

        return new HashSet<byte[]>(found, BytesComparer.Instance);
    }

    /// <summary>Registers the key with the database, in the caller's transaction, when it has none yet.</summary>
    /// <exception cref="TombstoneKeyException">It has another.</exception>
    internal static async Task PinKeyAsync(NpgsqlConnection connection, TombstoneKey key, CancellationToken cancellationToken)
    {
        await connection.Sql("insert into cpf.tombstone_key (key_check) values ($1) on conflict do nothing", [key.Check])
            .ExecuteAsync(cancellationToken);
        Verify(key, await connection.Sql("select key_check from cpf.tombstone_key").ScalarAsync<byte[]>(cancellationToken));
    }

    private static void Verify(TombstoneKey key, byte[] check)
    {
        if (!key.Check.AsSpan().SequenceEqual(check))
        {
            throw new TombstoneKeyException(
                "This Ingest's tombstone key is not the one that erased pictures of this database were marked with: give it that key's "
                    + "file "
                + "(setting Ingest:TombstoneKeyFile), from another instance or a backup, and start it again. Until then it takes no "
                + "images.");
        }
    }
}
