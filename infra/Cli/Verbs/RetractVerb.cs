using System.ComponentModel;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Pictures;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Retractions;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class RetractVerb : AsyncCommand<RetractVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var lines = await RetractionOrder.ReadLinesAsync(settings.File, Console.In, cancellationToken);
        var order = RetractionOrder.Of(settings.Source, settings.ExternalIds, lines);
        await using var session = new SubmitSession(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var images = await new RetractionRun(new PictureClient(session.Ingest)).RunAsync(order, cancellationToken);
        var report = new RetractionReport(order.Source, images);
        if (report.HasChanged)
        {
            await session.SettleAsync(order.Source, cancellationToken);
        }

        report.Write(Console.Out);
        return (int)report.ExitCode;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<SOURCE>")]
        [Description("Seller or feed that the images belong to.")]
        public string Source { get; init; } = "";

        [CommandArgument(1, "[EXTERNAL_IDS]")]
        [Description("External ids of the images to retract.")]
        public string[] ExternalIds { get; init; } = [];

        [CommandOption("--file <FILE>")]
        [Description("A file with more external ids, one a line; - is standard input.")]
        public string? File { get; init; }
    }
}
