using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Feeds;

namespace CpfPipeline.Cli.Verbs;

internal sealed class SubmitVerb : IVerb
{
    private static readonly Option Source = new("--source", "the seller or feed the pictures belong to (a feed file: its name)", Value: "S");
    private static readonly Option Keys = new("--keys", "labels.csv with the product keys of a folder's pictures", Value: "LABELS.CSV");
    private static readonly Option Snapshot = new("--snapshot", "retract what the source no longer lists (refused when over 20% would go)");

    public string Name => "submit";

    public string Summary => "hand in a folder of pictures or a feed (CSV, NDJSON, Merchant TSV or XML); waits until matched and reconciled";

    public string Usage => "PATH [--source S] [--keys LABELS.CSV] [--snapshot]";

    public IReadOnlyList<Option> Options => [Source, Keys, Snapshot];

    public int MaxPositionals => 1;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Positionals is not [var path])
        {
            throw CommandException.Usage("submit takes a folder or a feed file");
        }

        var request = FeedRequest.Of(path, arguments.Value(Source), arguments.Value(Keys), arguments.Has(Snapshot));
        await using var session = new FeedSession(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var outcome = await session.RunAsync([request], cancellationToken);
        outcome.Feeds[0].Write(Console.Out);
        return outcome.Feeds[0].ExitCode;
    }
}
