using System.Globalization;
using System.Text;
using CpfPipeline.Cli.Display;

namespace CpfPipeline.Cli.Feeds;

/// <summary>The file that <c>--rejections</c> names: every rejected input as CSV, <c>row,external_id,reason,detail</c>.</summary>
internal sealed class RejectionsFile : IAsyncDisposable
{
    private readonly StreamWriter _text;

    private RejectionsFile(StreamWriter text) => _text = text;

    /// <summary>Makes the file before any work is done, so that a wrong path costs nothing.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static RejectionsFile Create(string path)
    {
        try
        {
            return new(new StreamWriter(path, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { NewLine = "\n" });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandException.Usage($"--rejections: {e.Message}");
        }
    }

    /// <summary>Writes the header and a line for each input.</summary>
    public async Task WriteAsync(IAsyncEnumerable<RejectedInput> rejections, CancellationToken cancellationToken)
    {
        await _text.WriteLineAsync("row,external_id,reason,detail");
        await foreach (var rejected in rejections.WithCancellation(cancellationToken))
        {
            await _text.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{rejected.Row},{CsvField.Of(rejected.ExternalId)},{CsvField.Of(rejected.Reason)},{CsvField.Of(rejected.Detail)}"));
        }

        await _text.FlushAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _text.DisposeAsync();
}
