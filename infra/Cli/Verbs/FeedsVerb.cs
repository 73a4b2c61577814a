using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Services;
using CpfPipeline.Vocabulary;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class FeedsVerb : AsyncCommand<FeedsVerb.Settings>
{
    private const int MaxFeeds = 1000;

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        using var ingest = ServiceClient.Of(Installation.Load(), "Ingest");
        var client = new FeedClient(ingest);
        return await settings.PrintAsync(
            () => client.ListJsonAsync(settings.Source, settings.State, settings.Limit, cancellationToken),
            () => client.ListAsync(settings.Source, settings.State, settings.Limit, cancellationToken), FeedTable.Write);
    }

    internal sealed class Settings : ListSettings
    {
        [CommandOption("--source <S>")]
        [Description("Only feeds of this source.")]
        public string? Source { get; init; }

        [CommandOption("--state <STATE>")]
        [Description("Only feeds in this state: queued, running, finished, refused, failed or cancelled.")]
        [AllowedValues(
            FeedState.Queued, FeedState.Running, FeedState.Finished, FeedState.Refused, FeedState.Failed, FeedState.Cancelled)]
        public string? State { get; init; }

        [CommandOption("--limit <N>")]
        [Description("So many of the newest feeds, 1 to 1000. Default: 20.")]
        [Range(1, MaxFeeds)]
        [DefaultValue(20)]
        public int Limit { get; init; } = 20;
    }
}
