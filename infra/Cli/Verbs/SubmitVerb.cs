using System.ComponentModel;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SubmitVerb : AsyncCommand<SubmitVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var feed = FeedBody.Of(settings.Path, settings.Source, settings.Keys, settings.Snapshot);
        await using var session = new SubmitSession(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var outcome = await session.RunAsync([feed], cancellationToken);
        outcome.Feeds[0].Write(Console.Out);
        return (int)outcome.Feeds[0].ExitCode;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<PATH>")]
        [Description("Folder of pictures, or a feed: .csv, .ndjson, .jsonl, .tsv or .txt (Merchant), .xml (Merchant).")]
        public string Path { get; init; } = "";

        [CommandOption("--source <S>")]
        [Description("Seller or feed that the pictures belong to. A folder needs it. Default for a feed: the file's name.")]
        public string? Source { get; init; }

        [CommandOption("--keys <LABELS.CSV>")]
        [Description("Product keys of a folder's pictures.")]
        public string? Keys { get; init; }

        [CommandOption("--snapshot")]
        [Description("Retract what the source no longer lists. Refused (exit code 4) when that is over 20 % of its live images.")]
        public bool Snapshot { get; init; }
    }
}
