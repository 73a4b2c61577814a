using System.Globalization;
using CpfPipeline.Cli.Files;
using Npgsql;

namespace CpfPipeline.Cli.Exports;

/// <summary>Exports into a file or to the standard output, and tells how far it is.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="error">Takes the progress and the outcome.</param>
internal sealed class ExportSession(NpgsqlDataSource dataSource, TextWriter error)
{
    public const string Parquet = "parquet";
    public const string Csv = "csv";
    public const string Spreadsheet = "spreadsheet";
    public const string Ndjson = "ndjson";

    /// <param name="what">See <see cref="ExportQuery"/>.</param>
    /// <param name="format"><see cref="Parquet"/>, <see cref="Csv"/>, <see cref="Spreadsheet"/> or <see cref="Ndjson"/>.</param>
    /// <param name="since">For changes: the position after which they are wanted.</param>
    /// <param name="path">The file; null for the standard output.</param>
    /// <param name="cancellationToken">Cancels; then there is no file.</param>
    /// <exception cref="CommandException">Wrong usage (2).</exception>
    public async Task RunAsync(string what, string format, long? since, string? path, CancellationToken cancellationToken)
    {
        var query = ExportQuery.Of(what);
        if (since is not null && query.Position is null)
        {
            throw CommandException.Usage($"--since goes with --what {ExportQuery.Changes} only");
        }

        if (path is null && format == Parquet)
        {
            throw CommandException.Usage("parquet needs a file: --output FILE");
        }

        if (path is null)
        {
            await using var output = Console.OpenStandardOutput();
            Tell(await RunAsync(query, format, since, output, cancellationToken));
            return;
        }

        await using var file = WholeFile.Create(path, "--output");
        var done = await RunAsync(query, format, since, file.Stream, cancellationToken);
        file.Keep();
        Tell(done); // Only now: a script that goes on from the position needs the file.
    }

    private async Task<FormattableString> RunAsync(
        ExportQuery query, string format, long? since, Stream output, CancellationToken cancellationToken)
    {
        await using IExportWriter writer = format switch
        {
            Parquet => new ParquetExportWriter(output),
            Csv => new CsvExportWriter(output),
            Spreadsheet => new CsvExportWriter(output, forSpreadsheets: true),
            _ => new NdjsonExportWriter(output),
        };
        var outcome = await new Export(dataSource).RunAsync(
            query, since ?? 0, writer, rows => Tell($"{rows:N0} rows so far"), cancellationToken);
        return outcome.Position is { } position
            ? (FormattableString)$"{outcome.Rows:N0} rows; go on with --since {position}" : $"{outcome.Rows:N0} rows";
    }

    private void Tell(FormattableString text) => error.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
