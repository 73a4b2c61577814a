using System.Globalization;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Feeds;

/// <summary>Says how far the reading of feeds is: rows, bytes, and how fast.</summary>
internal sealed class ReadingText(TimeProvider time)
{
    private readonly Pace _rows = new(time);
    private readonly Pace _bytes = new(time);

    /// <summary>Such as <c>1,200 of 5,000 rows, 3.4 of 12.0 MB; 410 rows/s, 1.2 MB/s</c>.</summary>
    public string Of(SubmitProgress progress)
    {
        var text = $"{Amount(progress.Rows, progress.RowsTotal, Number)} rows"
            + (progress.Bytes is { } bytes ? $", {Amount(bytes, progress.BytesTotal, Megabytes)} MB" : "");
        string?[] paces =
        [
            _rows.PerSecond(progress.Rows) is { } rows and > 0 ? $"{rows.ToString("N0", CultureInfo.InvariantCulture)} rows/s" : null,
            progress.Bytes is { } read && _bytes.PerSecond(read) is { } speed and > 0 ? $"{Megabytes((long)speed)} MB/s" : null,
        ];
        return progress.FeedsEnded || paces.All(p => p is null) ? text : $"{text}; {string.Join(", ", paces.OfType<string>())}";
    }

    private static string Amount(long done, long? total, Func<long, string> write) =>
        total is { } all ? $"{write(done)} of {write(all)}" : write(done);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Megabytes(long bytes) => (bytes / 1e6).ToString("N1", CultureInfo.InvariantCulture);
}
