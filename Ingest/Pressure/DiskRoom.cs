using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>How much room is left where something is written.</summary>
internal sealed partial class DiskRoom
{
    // struct statvfs of 64-bit Linux: unsigned longs, of which these are used.
    private const int StructBytes = 256;
    private const int BlocksAt = 16;
    private const int AvailableBlocksAt = 32;
    private const int FilesAt = 40;
    private const int AvailableFilesAt = 56;

    private readonly PatientLook<double?> _look;

    /// <param name="folders">Folders that are written to; those that are not there yet count as the one above.</param>
    public DiskRoom(IReadOnlyCollection<string> folders) => _look = new(() => Task.Run(() => Least(folders)));

    /// <summary>The least free share among the folders' disks, of bytes and of files, that this user may write.</summary>
    /// <param name="patience">How long a disk may take to answer.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null: one does not answer, or cannot be told.</returns>
    public async Task<double?> FreeShareAsync(TimeSpan patience, TimeProvider time, CancellationToken cancellationToken)
    {
        var (hasAnswered, free) = await _look.TryAsync(patience, time, cancellationToken);
        return hasAnswered ? free : null;
    }

    private static double? Least(IReadOnlyCollection<string> folders)
    {
        var shares = folders.Select(FreeShare).ToList();
        return shares.Contains(null) ? null : shares.Min();
    }

    /// <summary>Free share of the disk that holds a folder. Null when it cannot be told.</summary>
    internal static double? FreeShare(string folder)
    {
        var path = Path.GetFullPath(folder);
        while (!Directory.Exists(path) && Path.GetDirectoryName(path) is { } above)
        {
            path = above;
        }

        Span<byte> found = stackalloc byte[StructBytes];
        if (StatFileSystem(path, ref MemoryMarshal.GetReference(found)) != 0)
        {
            return null;
        }

        var (blocks, files) = (Number(found, BlocksAt), Number(found, FilesAt));
        return blocks == 0 ? null : Math.Min(
            (double)Number(found, AvailableBlocksAt) / blocks,
            files == 0 ? 1 : (double)Number(found, AvailableFilesAt) / files); // Some file systems do not count files.
    }

    private static ulong Number(ReadOnlySpan<byte> found, int at) => BinaryPrimitives.ReadUInt64LittleEndian(found[at..]);

    [LibraryImport("libc", EntryPoint = "statvfs", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFileSystem(string path, ref byte found);
}
