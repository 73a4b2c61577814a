using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Groups;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class GroupsVerb : AsyncCommand<GroupsVerb.Settings>
{
    private const int MaxTableGroups = 20;

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        await using var dataSource = PostgresDataSource.Create(Installation.Load().PostgresService, "cpf");
        var reader = new GroupReader(dataSource);
        if (settings.Format == "table")
        {
            GroupTable.Write(await reader.ReadLargestAsync(settings.Source, MaxTableGroups, cancellationToken));
            return (int)ExitCode.Done;
        }

        await using var output = Console.OpenStandardOutput();
        await (settings.Format == "json"
            ? GroupPrinter.WriteJsonAsync(
                reader.ReadAsync(settings.Source, cancellationToken), output, indented: !Console.IsOutputRedirected, cancellationToken)
            : GroupPrinter.WriteCsvAsync(reader.ReadAsync(settings.Source, cancellationToken), output, cancellationToken));
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--format <FORMAT>")]
        [Description("table (the largest groups), json or csv (all groups).")]
        [AllowedValues("table", "json", "csv")]
        [DefaultValue("table")]
        public string Format { get; init; } = "table";

        [CommandOption("--source <S>")]
        [Description("Only groups that hold an image of this source.")]
        public string? Source { get; init; }
    }
}
