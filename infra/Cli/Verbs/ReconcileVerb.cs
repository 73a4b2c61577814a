using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Feeds;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ReconcileVerb : IVerb
{
    public string Name => "reconcile";

    public string Summary => "join exactly what was only searched for so far, and repair the groups";

    public string Usage => "";

    public IReadOnlyList<Option> Options => [];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        using var client = FeedSession.ClientOf(await RunningInstallation.FindOrStartAsync(cancellationToken));
        var start = TimeProvider.System.GetTimestamp();
        var outcome = await client.ReconcileAsync(cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
             contents     {outcome.Contents:N0} joined exactly, in {seconds:0.0} s
             gallery      {outcome.Gallery:N0}
             pairs        {outcome.Pairs:N0} match
             missed       {outcome.MissedPairs:N0} that the search had not found, now repaired
             recall       {outcome.Recall:0.######} of the search
             """));
        return ExitCode.Done;
    }
}
