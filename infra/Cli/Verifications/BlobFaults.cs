using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>
/// Compares the blob store with the contents, a 256th at a time: so much is in memory. What looks wrong is looked at again, since the
/// pipeline goes on meanwhile.
/// </summary>
/// <param name="dataSource">The database.</param>
/// <param name="blobs">The blob store.</param>
/// <param name="request">What is verified.</param>
/// <param name="faults">Receives what is wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class BlobFaults(
    NpgsqlDataSource dataSource, IBlobStore blobs, VerifyRequest request, Faults faults, TimeProvider time)
{
    private const int Parts = 256;
    private const string ModelState = "model";
    private const string ErasingState = "erasing"; // An erasure is under way: its bytes may be there or not.

    private const string Rows = """
        select encode(c.sha256, 'hex'),
               case when exists (select from cpf.erasures e where e.content_id = c.content_id and e.state <> 'finished')
                    then 'erasing' else c.state end,
               c.byte_length
        from cpf.contents c
        where c.sha256 >= $1 and ($2::bytea is null or c.sha256 < $2)
        union all
        select encode(sha256, 'hex'), 'model', null
        from (select sha256 from cpf.backbones union select sha256 from cpf.heads) as m
        where sha256 >= $1 and ($2::bytea is null or sha256 < $2)
        union all
        select encode(sha256, 'hex'), 'erasing', null
        from cpf.erasures
        where sha256 >= $1 and ($2::bytea is null or sha256 < $2)
        """;

    private long _seen;

    /// <summary>Blobs that are missing, of contents.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Blobs with other bytes than their name says, of contents.</summary>
    public List<string> Damaged { get; } = [];

    /// <summary>Blobs without a row.</summary>
    public List<string> Orphaned { get; } = [];

    /// <summary>What may simply be deleted: damaged and orphaned renditions, unfinished writes, bytes of erased contents.</summary>
    public List<(string Kind, StoredBlob Blob)> Deletable { get; } = [];

    /// <summary>Blobs whose bytes were read.</summary>
    public long BlobsRead { get; private set; }

    /// <summary>Looks at all of them.</summary>
    /// <param name="tell">Receives how far it is.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task FindAsync(Action<string> tell, CancellationToken cancellationToken)
    {
        var step = 1L;
        if (request.Sample is { } sample)
        {
            var contents = await dataSource.Sql("select count(*) from cpf.contents").WithoutTimeout().ScalarAsync<long>(cancellationToken);
            step = Math.Max(1, contents / Math.Max(1, sample));
            _seen = time.GetUtcNow().ToUnixTimeSeconds() % step; // Another run reads others.
        }

        for (var part = 0; part < Parts; part++)
        {
            tell($"{part * 100 / Parts} %, {BlobsRead:N0} blobs read");
            await FindAsync((byte)part, step, cancellationToken);
        }
    }

    private async Task FindAsync(byte part, long step, CancellationToken cancellationToken)
    {
        // The store is listed before the rows are read: a blob is written before its row.
        var listed = await blobs.ListAsync(part, cancellationToken).ToListAsync(cancellationToken);
        var rows = await ReadAsync(part, cancellationToken);
        var there = new HashSet<string>();
        foreach (var blob in listed.Where(b => b.IsBlob))
        {
            var name = Convert.ToHexStringLower(blob.Sha256);
            there.Add(name);
            if (!rows.TryGetValue(name, out var row))
            {
                await OrphanAsync(blob, name, cancellationToken);
            }
            else if (row.State == ErasingState)
            {
                continue;
            }
            else if (row.State == Vocabulary.ContentState.Erased)
            {
                await DeleteAsync(FaultKind.ErasedBytes, blob, request.Grace, cancellationToken);
            }
            else if (_seen++ % step == 0 && await IsDamagedAsync(blob.Sha256, row.Bytes, cancellationToken))
            {
                Wrong(row.State == ModelState ? FaultKind.ModelFile : FaultKind.BlobDamaged, name, Damaged);
            }
        }

        foreach (var blob in listed.Where(b => !b.IsBlob))
        {
            await DeriveAsync(blob, rows, cancellationToken);
        }

        // Stored after the store was listed, or gone since the rows were read.
        var missing = new List<KeyValuePair<string, (string State, long? Bytes)>>();
        foreach (var row in rows.Where(r => IsExpected(r.Value.State) && !there.Contains(r.Key)))
        {
            if (!await blobs.ExistsAsync(Convert.FromHexString(row.Key), cancellationToken))
            {
                missing.Add(row);
            }
        }

        var still = missing.Count == 0 ? rows : await ReadAsync(part, cancellationToken);
        foreach (var (sha256, row) in missing.Where(m => still.TryGetValue(m.Key, out var now) && IsExpected(now.State)))
        {
            Wrong(row.State == ModelState ? FaultKind.ModelFile : FaultKind.BlobMissing, sha256, Missing);
        }
    }

    private static bool IsExpected(string state) => state is not (Vocabulary.ContentState.Erased or ErasingState);

    private void Wrong(string kind, string sha256, List<string> contents)
    {
        faults.Add(kind, sha256);
        if (kind != FaultKind.ModelFile)
        {
            contents.Add(sha256);
        }
    }

    private async Task<bool> IsDamagedAsync(byte[] sha256, long? bytes, CancellationToken cancellationToken)
    {
        BlobsRead++;
        try
        {
            await using var stream = await blobs.OpenAsync(sha256, rendition: null, cancellationToken);
            if (stream is null)
            {
                return false;
            }

            var hash = bytes is { } expected && stream.Length != expected ? [] : await SHA256.HashDataAsync(stream, cancellationToken);
            return !hash.AsSpan().SequenceEqual(sha256);
        }
        catch (FileNotFoundException)
        {
            return false; // Erased or collected since it was listed.
        }
        catch (Exception e) when (IsOfOne(e))
        {
            return true; // What cannot be read is of no use.
        }
    }

    // What is derived from a blob: renditions, writes that were interrupted, former versions.
    private async Task DeriveAsync(
        StoredBlob blob, Dictionary<string, (string State, long? Bytes)> rows, CancellationToken cancellationToken)
    {
        rows.TryGetValue(Convert.ToHexStringLower(blob.Sha256), out var row);
        if (row.State == ErasingState)
        {
            return;
        }

        if (blob.Rendition is not { } rendition)
        {
            await DeleteAsync(
                row.State == Vocabulary.ContentState.Erased ? FaultKind.ErasedBytes : FaultKind.Leftover, blob,
                row.State == Vocabulary.ContentState.Erased ? request.Grace : request.OrphanAge, cancellationToken);
        }
        else if (row.State is null || row.State == Vocabulary.ContentState.Erased)
        {
            await DeleteAsync(FaultKind.RenditionOrphaned, blob, request.Grace, cancellationToken);
        }
        else if (!await IsWebPAsync(blob.Sha256, rendition, cancellationToken))
        {
            await DeleteAsync(FaultKind.RenditionDamaged, blob, TimeSpan.Zero, cancellationToken);
        }
    }

    // RIFF, the length of what follows, WEBP: a file that was cut off has another length.
    private async Task<bool> IsWebPAsync(byte[] sha256, string rendition, CancellationToken cancellationToken)
    {
        var head = new byte[12];
        try
        {
            await using var stream = await blobs.OpenAsync(sha256, rendition, cancellationToken);
            return stream is null // Gone since it was listed.
                || (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellationToken) == head.Length
                    && head.AsSpan(0, 4).SequenceEqual("RIFF"u8) && head.AsSpan(8).SequenceEqual("WEBP"u8)
                    && System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4)) + 8 == stream.Length);
        }
        catch (FileNotFoundException)
        {
            return true;
        }
        catch (Exception e) when (IsOfOne(e))
        {
            return false;
        }
    }

    // A store that is away says nothing of a blob.
    private static bool IsOfOne(Exception e) => e is (IOException and not ObjectStoreException) or UnauthorizedAccessException;

    private async Task OrphanAsync(StoredBlob blob, string name, CancellationToken cancellationToken)
    {
        if (await IsOlderAsync(blob, request.OrphanAge, cancellationToken))
        {
            faults.Add(FaultKind.BlobOrphaned, name);
            Orphaned.Add(name);
        }
    }

    private async Task DeleteAsync(string kind, StoredBlob blob, TimeSpan age, CancellationToken cancellationToken)
    {
        if (await IsOlderAsync(blob, age, cancellationToken))
        {
            faults.Add(kind, Convert.ToHexStringLower(blob.Sha256) + blob.Suffix);
            Deletable.Add((kind, blob));
        }
    }

    // It may be gone since it was listed.
    private async Task<bool> IsOlderAsync(StoredBlob blob, TimeSpan age, CancellationToken cancellationToken)
    {
        if (time.GetUtcNow() - blob.WrittenAt < age)
        {
            return false;
        }

        if (blob.IsBlob)
        {
            return await blobs.ExistsAsync(blob.Sha256, cancellationToken);
        }

        if (blob.Rendition is not { } rendition)
        {
            return true;
        }

        await using var there = await blobs.OpenAsync(blob.Sha256, rendition, cancellationToken);
        return there is not null;
    }

    private async Task<Dictionary<string, (string State, long? Bytes)>> ReadAsync(byte part, CancellationToken cancellationToken)
    {
        var rows = await dataSource.Sql(
            Rows,
            [
                new byte[] { part },
                new NpgsqlParameter
                {
                    Value = part == byte.MaxValue ? DBNull.Value : new[] { (byte)(part + 1) },
                    NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bytea,
                },
            ]).WithoutTimeout().QueryAsync(
                row => (Sha256: row.GetString(0), State: row.GetString(1), Bytes: row.GetOrNull<long>(2)), cancellationToken);

        // The bytes of a picture may by chance be those of a model's file, or have come again before they were erased; then there are two
        // rows, and one is as good as the other.
        return rows.GroupBy(r => r.Sha256).ToDictionary(r => r.Key, r => (r.First().State, r.First().Bytes));
    }
}
