using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// When a file's content or its entry in the file system changed last (ctime). Nobody can set this time, unlike that of the last write,
/// which tools that move or copy files keep.
/// </summary>
internal static partial class FileChangeTime
{
    // struct statx of Linux has 256 bytes; stx_mask is its first field, stx_ctime begins at byte 96 with 8 bytes of seconds and 4 of
    // nanoseconds (statx(2)).
    private const int StructBytes = 256;
    private const int SecondsAt = 96;
    private const int NanosecondsAt = 104;
    private const uint ChangeTime = 0x80;
    private const int CurrentFolder = -100;
    private const int NanosecondsPerTick = 100;
    private static bool _isMissing = !OperatingSystem.IsLinux();

    /// <summary>The time in UTC; null where the system does not tell it.</summary>
    public static DateTime? Find(string path)
    {
        if (_isMissing)
        {
            return null;
        }

        var file = new byte[StructBytes];
        try
        {
            if (Look(CurrentFolder, path, 0, ChangeTime, file) != 0)
            {
                return null;
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            _isMissing = true;
            return null;
        }

        return (BinaryPrimitives.ReadUInt32LittleEndian(file) & ChangeTime) == 0
            ? null
            : DateTime.UnixEpoch
                .AddSeconds(BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(SecondsAt)))
                .AddTicks(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(NanosecondsAt)) / NanosecondsPerTick);
    }

    [LibraryImport("libc.so.6", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Look(int folder, string path, int flags, uint mask, [Out] byte[] file);
}
