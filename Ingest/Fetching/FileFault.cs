using System.Globalization;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>
/// What a submitter is told of a file that cannot be read or written. Its path, which the system names, is for the log only.
/// </summary>
internal static class FileFault
{
    private const int MaxErrorNumber = 4095;

    /// <summary>Why, to stand behind a colon.</summary>
    public static string Of(Exception exception) => exception switch
    {
        InvalidDataException => exception.Message, // Of a decompressor, which knows no paths.
        UnauthorizedAccessException => "there is no permission",
        FileNotFoundException or DirectoryNotFoundException => "there is no such file or folder",
        PathTooLongException => "its path is too long",
        EndOfStreamException => "it ends too early",

        // On Unix this is the number that the system gave.
        IOException { HResult: > 0 and <= MaxErrorNumber } => Named(exception.HResult),
        _ => "an error of the file system",
    };

    private static string Named(int number) => number switch
    {
        5 => "an input/output error",
        11 => "another process holds it",
        28 or 122 => "the disk is full",
        30 => "the file system is read-only",
        110 or 112 or 116 => "the share that it lies on does not answer, or has lost it",
        _ => string.Create(CultureInfo.InvariantCulture, $"the file system's error {number}"),
    };
}
