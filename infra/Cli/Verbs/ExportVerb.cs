using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Exports;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ExportVerb : AsyncCommand<ExportVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var dataSource = PostgresDataSource.Create(Installation.LoadServers().PostgresService, "cpf");
        await new ExportSession(dataSource, Console.Error).RunAsync(
            settings.What, settings.Format, settings.Since, settings.Output, cancellationToken);
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--what <WHAT>")]
        [Description("groups, members (their images), pairs (that were kept), or changes (of groups). Default: members.")]
        [AllowedValues(ExportQuery.Groups, ExportQuery.Members, ExportQuery.Pairs, ExportQuery.Changes)]
        [DefaultValue(ExportQuery.Members)]
        public string What { get; init; } = ExportQuery.Members;

        [CommandOption("--format <FORMAT>")]
        [Description("parquet, csv, spreadsheet (CSV in which no text is a formula) or ndjson. Default: csv.")]
        [AllowedValues(ExportSession.Parquet, ExportSession.Csv, ExportSession.Spreadsheet, ExportSession.Ndjson)]
        [DefaultValue(ExportSession.Csv)]
        public string Format { get; init; } = ExportSession.Csv;

        [CommandOption("--since <POSITION>")]
        [Description("Only changes after this position, which the export before told. Default: all.")]
        [Range(0d, double.MaxValue)]
        public long? Since { get; init; }

        [CommandOption("-o|--output <FILE>")]
        [Description("File to write; it appears when it is whole. Default: the standard output.")]
        public string? Output { get; init; }
    }
}
