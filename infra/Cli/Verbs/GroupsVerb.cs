using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Gallery;
using CpfPipeline.Cli.Groups;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class GroupsVerb : AsyncCommand<GroupsVerb.Settings>
{
    private const int MaxTableGroups = 20;

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var gallery = GalleryRequest.Of(settings.Html, settings.Top, settings.Order, settings.Source, settings.Format);
        var installation = Installation.LoadServers();
        await using var dataSource = PostgresDataSource.Create(installation.PostgresService, "cpf");
        if (gallery is not null)
        {
            using var matcher = ServiceClient.Of(installation, "Matcher");
            var session = new GallerySession(dataSource, matcher, TimeProvider.System);
            var outcome = await GalleryDisplay.RunAsync(show => session.WriteAsync(gallery, show, cancellationToken));
            GalleryDisplay.Write(gallery, outcome, Console.Out);
            return (int)ExitCode.Done;
        }

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

        [CommandOption("--html <FILE>")]
        [Description("Write the groups with their pictures as one HTML file that any browser opens, without a server or a network.")]
        public string? Html { get; init; }

        [CommandOption("--top <N>")]
        [Description("With --html: at most so many groups (default 100).")]
        [Range(1, GalleryRequest.MaxTop)]
        public int? Top { get; init; }

        [CommandOption("--order <ORDER>")]
        [Description("With --html: doubt (the weakest merge first, default) or size (the largest first).")]
        [AllowedValues("doubt", "size")]
        public string? Order { get; init; }
    }
}
