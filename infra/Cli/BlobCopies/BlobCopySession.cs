using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Sql;
using Npgsql;
using NpgsqlTypes;

namespace CpfPipeline.Cli.BlobCopies;

/// <summary>
/// Copies the blobs of an installation to the store that they will lie in. The services may run on the first store meanwhile; none may
/// write to the second. Renditions are left out: they are made again when they are asked for.
/// </summary>
/// <param name="dataSource">The database.</param>
/// <param name="from">Where the blobs are.</param>
/// <param name="to">Where they will be.</param>
/// <param name="tell">Receives how far it is.</param>
internal sealed class BlobCopySession(NpgsqlDataSource dataSource, IBlobStore from, IBlobStore to, Action<string> tell)
{
    private const int Parts = 256;

    private const string Claimed = """
        select encode(t.sha256, 'hex')
        from unnest($1) as t(sha256)
        where exists (select from cpf.contents c where c.sha256 = t.sha256 and c.state <> 'erased')
           or exists (select from cpf.backbones b where b.sha256 = t.sha256)
           or exists (select from cpf.heads h where h.sha256 = t.sha256)
        """;

    private readonly BlobTransfer _transfer = new(from, to);

    /// <summary>Copies what is not there, then removes what a former run copied and nobody has any more.</summary>
    /// <exception cref="IOException">A store is away or broken. The next run goes on.</exception>
    public async Task<BlobCopyOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var all = new BlobCopyOutcome(0, 0, 0, 0, []);
        for (var part = 0; part < Parts; part++)
        {
            tell($"{part * 100 / Parts} %, {all.Copied:N0} copied ({all.Bytes / 1e6:N0} MB), {all.There:N0} were there");
            all = await CopyAsync((byte)part, all, cancellationToken);
        }

        return all;
    }

    private async Task<BlobCopyOutcome> CopyAsync(byte part, BlobCopyOutcome before, CancellationToken cancellationToken)
    {
        var there = await ReadAsync(to, part, cancellationToken);
        var source = await ReadAsync(from, part, cancellationToken);
        var missing = source.Where(b => !there.TryGetValue(b.Key, out var bytes) || bytes != b.Value).Select(b => b.Key).ToList();
        var (copied, bytes, damaged) = (0L, 0L, new List<string>());
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = BlobTransfer.Parallelism, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(missing, parallel, async (sha256, token) =>
        {
            var length = await _transfer.CopyAsync(sha256, token);
            var isGone = length is null && !await from.ExistsAsync(Convert.FromHexString(sha256), token);
            lock (damaged)
            {
                (copied, bytes) = length is { } sent ? (copied + 1, bytes + sent) : (copied, bytes);
                if (length is null && !isGone)
                {
                    damaged.Add(sha256);
                }
            }
        });

        // Listed anew: what was erased since the beginning of this part must not stay behind in the other store.
        var still = await ReadAsync(from, part, cancellationToken);
        var removed = await RemoveAsync(
            [.. there.Keys.Concat(source.Keys).Distinct().Where(sha256 => !still.ContainsKey(sha256))], cancellationToken);
        return new BlobCopyOutcome(
            before.Copied + copied, before.Bytes + bytes, before.There + source.Count - missing.Count, before.Removed + removed,
            [.. before.Damaged, .. damaged.Order(StringComparer.Ordinal)]);
    }

    private static async Task<Dictionary<string, long>> ReadAsync(IBlobStore store, byte part, CancellationToken cancellationToken) =>
        await store.ListAsync(part, cancellationToken).Where(b => b.IsBlob)
            .ToDictionaryAsync(b => Convert.ToHexStringLower(b.Sha256), b => b.Bytes, cancellationToken: cancellationToken);

    // Nothing goes that the database has, whatever the first store lacks: it could be the wrong one.
    private async Task<long> RemoveAsync(IReadOnlyList<string> sha256s, CancellationToken cancellationToken)
    {
        if (sha256s.Count == 0)
        {
            return 0;
        }

        var claimed = await dataSource.Sql(
            Claimed,
            [
                new NpgsqlParameter
                {
                    Value = sha256s.Select(Convert.FromHexString).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
                },
            ]).QueryAsync(row => row.GetString(0), cancellationToken);
        var removed = 0L;
        foreach (var sha256 in sha256s.Except(claimed))
        {
            await to.DeleteAsync(Convert.FromHexString(sha256), cancellationToken);
            removed++;
        }

        return removed;
    }
}
