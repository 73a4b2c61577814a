using System.Text.Json;
using CpfPipeline.Data.Files;

namespace CpfPipeline.Data.Erasures;

/// <summary>
/// The record of erasures: a folder with a file for each, <c>FOLDER/ab/abcd....json</c>, named by its tombstone. Files are only added, or
/// replaced by one that has the receipt. So folders are joined by copying files, and instances of Ingest write side by side.
/// </summary>
public sealed class ErasureRecords
{
    private const int HexDigits = 64;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };
    // It says who asked for which erasure, and why.
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private readonly string _folder;
    private readonly DurableFiles _files;

    /// <param name="folder">Root folder. It is created when something is written.</param>
    public ErasureRecords(string folder)
        : this(folder, DurableFiles.OnDisk)
    {
    }

    internal ErasureRecords(string folder, DurableFiles files) => (_folder, _files) = (Path.GetFullPath(folder), files);

    /// <summary>Writes one durably: once this returns it survives a power cut.</summary>
    /// <exception cref="IOException">The folder cannot be written to.</exception>
    public void Write(ErasureRecord record)
    {
        var path = PathOf(record.Tombstone);
        _files.CreateFolder(Path.GetDirectoryName(path)!, Private);
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            using (var stream = new FileStream(temporary, options))
            {
                JsonSerializer.Serialize(stream, record, Json);
                stream.Flush(flushToDisk: true);
            }

            _files.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>The record of a tombstone, or null.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public ErasureRecord? Find(string tombstone) => PathOf(tombstone) is var path && File.Exists(path) ? Read(path) : null;

    /// <summary>The tombstones of all records, in no particular order. Reads no file.</summary>
    public IEnumerable<string> Tombstones() => Files().Select(path => Path.GetFileNameWithoutExtension(path));

    /// <summary>All records, in no particular order.</summary>
    /// <exception cref="InvalidDataException">A file is damaged. An erasure that cannot be repeated must not go unnoticed.</exception>
    public IEnumerable<ErasureRecord> All() => Files().Select(Read);

    /// <summary>Takes over from another folder what this one lacks, or has without its receipt.</summary>
    /// <returns>How many records were taken.</returns>
    public int Take(ErasureRecords other)
    {
        var taken = 0;
        foreach (var record in other.All())
        {
            var own = Find(record.Tombstone);
            if (own is null || (own.Receipt is null && record.Receipt is not null))
            {
                Write(record);
                taken++;
            }
        }

        return taken;
    }

    private IEnumerable<string> Files() => Directory.Exists(_folder)
        ? Directory.EnumerateFiles(_folder, "*.json", SearchOption.AllDirectories).Where(IsRecord)
        : [];

    private static bool IsRecord(string path) =>
        Path.GetFileNameWithoutExtension(path) is { Length: HexDigits } name && name.All(char.IsAsciiHexDigitLower);

    private static ErasureRecord Read(string path)
    {
        try
        {
            var record = JsonSerializer.Deserialize<ErasureRecord>(File.ReadAllBytes(path), Json);
            return record?.Tombstone == Path.GetFileNameWithoutExtension(path)
                ? record : throw new InvalidDataException($"{path} is no record of the erasure that it is named by.");
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"{path} is no record of an erasure: take it from another copy of this folder.");
        }
    }

    private string PathOf(string tombstone) => tombstone is { Length: HexDigits } && tombstone.All(char.IsAsciiHexDigitLower)
        ? Path.Combine(_folder, tombstone[..2], tombstone + ".json")
        : throw new ArgumentException("A tombstone has 64 lower-case hex digits.", nameof(tombstone));
}
