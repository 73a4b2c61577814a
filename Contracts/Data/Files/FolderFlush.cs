using System.Runtime.InteropServices;

namespace CpfPipeline.Data.Files;

/// <summary>
/// Flushes a folder to disk. A file that was renamed into it is found after a power cut only then, however well it was flushed itself.
/// </summary>
internal static partial class FolderFlush
{
    private const string Library = "libc";
    private const int CloseOnExec = 0x8_0000; // And read only, which is 0.
    private const int CloseOnExecMacOs = 0x100_0000;
    private const int AccessDenied = 13;
    private const int BadDescriptor = 9;
    private const int InvalidArgument = 22;

    /// <summary>Flushes it. On Windows the file system sees to it.</summary>
    /// <exception cref="IOException">It is not there, or the disk is broken.</exception>
    public static void Run(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        var descriptor = Open(folder, OperatingSystem.IsMacOS() ? CloseOnExecMacOs : CloseOnExec);
        if (descriptor < 0)
        {
            // Who may write but not list cannot open it; PostgreSQL lets that pass as well.
            Refuse(folder, Marshal.GetLastPInvokeError(), AccessDenied);
            return;
        }

        try
        {
            if (Flush(descriptor) != 0)
            {
                Refuse(folder, Marshal.GetLastPInvokeError(), BadDescriptor, InvalidArgument); // Some network shares flush no folders.
            }
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    private static void Refuse(string folder, int error, params ReadOnlySpan<int> passing)
    {
        if (!passing.Contains(error))
        {
            throw new IOException($"{folder} cannot be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}", error);
        }
    }

    [LibraryImport(Library, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport(Library, EntryPoint = "fsync", SetLastError = true)]
    private static partial int Flush(int descriptor);

    [LibraryImport(Library, EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
