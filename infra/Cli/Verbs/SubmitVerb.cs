using System.ComponentModel;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Pictures;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SubmitVerb : AsyncCommand<SubmitVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.Format is null && PictureBody.IsPicture(settings.Path))
        {
            var picture = PictureBody.Of(settings.Path, settings.Source, settings.IsFeedOptionGiven);
            await using var pictures = new SubmitSession(await RunningInstallation.FindOrStartAsync(cancellationToken));
            return (int)await PictureSession.RunAsync(pictures, picture, Console.Out, cancellationToken);
        }

        var feed = settings.FeedAt(settings.Path);
        await using var rejections = settings.Rejections is null ? null : RejectionsFile.Create(settings.Rejections);
        await using var session = new SubmitSession(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var outcome = await session.RunAsync([feed], cancellationToken);
        var summary = outcome.Feeds[0];
        summary.Write(Console.Out);
        if (rejections is not null)
        {
            await session.WriteRejectionsAsync(rejections, summary.Feed.FeedId, cancellationToken);
        }

        return (int)summary.ExitCode;
    }

    internal sealed class Settings : FeedSettings
    {
        [CommandArgument(0, "<PATH>")]
        [Description("Folder of pictures, one picture, or a feed, by path or http(s) address: "
            + ".csv, .ndjson, .jsonl, .tsv or .txt (Merchant), .xml (Merchant), also .gz and .zip.")]
        public string Path { get; init; } = "";

        [CommandOption("--rejections <FILE>")]
        [Description("Write every rejected input to this CSV file: row, external_id, reason, detail.")]
        public string? Rejections { get; init; }

        /// <summary>Whether an option was given that goes with feeds and folders only.</summary>
        public bool IsFeedOptionGiven => Keys is not null || Snapshot || MaxRetract is not null || Rejections is not null;
    }
}
