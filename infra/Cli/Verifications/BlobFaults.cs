using System.Globalization;
using System.Security.Cryptography;
using CpfPipeline.Data.Sql;
using Npgsql;

namespace CpfPipeline.Cli.Verifications;

/// <summary>
/// Compares the blob folder with the contents, a 256th at a time: so much is in memory. What looks wrong is looked at again, since the
/// pipeline goes on meanwhile.
/// </summary>
/// <param name="dataSource">The database.</param>
/// <param name="request">What is verified.</param>
/// <param name="faults">Receives what is wrong.</param>
/// <param name="time">The clock.</param>
internal sealed class BlobFaults(NpgsqlDataSource dataSource, VerifyRequest request, Faults faults, TimeProvider time)
{
    private const int Parts = 256;
    private const int HexDigits = 64;
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
        """;

    private long _seen;

    /// <summary>Blobs that are missing, of contents.</summary>
    public List<string> Missing { get; } = [];

    /// <summary>Blobs with other bytes than their name says, of contents.</summary>
    public List<string> Damaged { get; } = [];

    /// <summary>Blobs without a row.</summary>
    public List<string> Orphaned { get; } = [];

    /// <summary>Files that may simply be deleted: damaged and orphaned renditions, unfinished writes, bytes of erased contents.</summary>
    public List<(string Kind, string Path)> Deletable { get; } = [];

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
        // The folder is listed before the rows are read: a blob is written before its row.
        var directory = new DirectoryInfo(Path.Combine(request.Blobs, part.ToString("x2", CultureInfo.InvariantCulture)));
        FileInfo[] files = directory.Exists ? [.. directory.EnumerateFiles("*", SearchOption.AllDirectories)] : [];
        var rows = await ReadAsync(part, cancellationToken);
        var there = new HashSet<string>();
        foreach (var file in files.Where(f => f.Name.Length == HexDigits))
        {
            there.Add(file.Name);
            if (!rows.TryGetValue(file.Name, out var row))
            {
                Orphan(file);
            }
            else if (row.State == ErasingState)
            {
                continue;
            }
            else if (row.State == Vocabulary.ContentState.Erased)
            {
                Delete(FaultKind.ErasedBytes, file, request.Grace);
            }
            else if (_seen++ % step == 0 && await IsDamagedAsync(file, row.Bytes, cancellationToken))
            {
                Wrong(row.State == ModelState ? FaultKind.ModelFile : FaultKind.BlobDamaged, file.Name, Damaged);
            }
        }

        foreach (var file in files.Where(f => f.Name.Length > HexDigits))
        {
            Derived(file, rows);
        }

        // Stored after the folder was listed, or gone since the rows were read.
        var missing = rows.Where(r => IsExpected(r.Value.State) && !there.Contains(r.Key) && !File.Exists(PathOf(r.Key))).ToList();
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

    private async Task<bool> IsDamagedAsync(FileInfo file, long? bytes, CancellationToken cancellationToken)
    {
        BlobsRead++;
        try
        {
            await using var stream = new FileStream(
                file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            return (bytes is { } expected && stream.Length != expected)
                || Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) != file.Name;
        }
        catch (FileNotFoundException)
        {
            return false; // Erased or collected since it was listed.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true; // What cannot be read is of no use.
        }
    }

    // What is derived from a blob begins with its name: renditions, and writes that were interrupted.
    private void Derived(FileInfo file, Dictionary<string, (string State, long? Bytes)> rows)
    {
        if (!file.Name.EndsWith(".webp", StringComparison.Ordinal))
        {
            Delete(FaultKind.Leftover, file, request.OrphanAge);
        }
        else if (rows.TryGetValue(file.Name[..HexDigits], out var row) && row.State == ErasingState)
        {
            return;
        }
        else if (row.State is null || row.State == Vocabulary.ContentState.Erased)
        {
            Delete(FaultKind.RenditionOrphaned, file, request.Grace);
        }
        else if (!IsWebP(file))
        {
            Delete(FaultKind.RenditionDamaged, file, TimeSpan.Zero);
        }
    }

    // RIFF, the length of what follows, WEBP: a file that was cut off has another length.
    private static bool IsWebP(FileInfo file)
    {
        Span<byte> head = stackalloc byte[12];
        try
        {
            using var stream = file.OpenRead();
            return stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) == head.Length
                && head[..4].SequenceEqual("RIFF"u8) && head[8..].SequenceEqual("WEBP"u8)
                && System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) + 8 == stream.Length;
        }
        catch (FileNotFoundException)
        {
            return true; // Gone since it was listed.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Orphan(FileInfo file)
    {
        if (IsOlder(file, request.OrphanAge))
        {
            faults.Add(FaultKind.BlobOrphaned, file.Name);
            Orphaned.Add(file.Name);
        }
    }

    private void Delete(string kind, FileInfo file, TimeSpan age)
    {
        if (IsOlder(file, age))
        {
            faults.Add(kind, file.Name);
            Deletable.Add((kind, file.FullName));
        }
    }

    private bool IsOlder(FileInfo file, TimeSpan age)
    {
        file.Refresh();
        return file.Exists && time.GetUtcNow() - file.LastWriteTimeUtc >= age;
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

        // The bytes of a picture may by chance be those of a model's file; then there are two rows, and one is as good as the other.
        return rows.GroupBy(r => r.Sha256).ToDictionary(r => r.Key, r => (r.First().State, r.First().Bytes));
    }

    private string PathOf(string sha256) => Path.Combine(request.Blobs, sha256[..2], sha256[2..4], sha256);
}
