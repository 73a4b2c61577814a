using System.Globalization;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ReconcileVerb : AsyncCommand<EmptyCommandSettings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, EmptyCommandSettings settings, CancellationToken cancellationToken)
    {
        using var matcher = ServiceClient.Of(await RunningInstallation.FindOrStartAsync(cancellationToken), "Matcher");
        var start = TimeProvider.System.GetTimestamp();
        var answer = await new ReconcileClient(matcher).ReconcileAsync(cancellationToken);
        var seconds = TimeProvider.System.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"""
             contents     {answer.Contents:N0} joined exactly, in {seconds:0.0} s
             gallery      {answer.Gallery:N0}
             pairs        {answer.Pairs:N0} match
             missed       {answer.MissedPairs:N0} that the search had not found, now repaired
             recall       {answer.Recall:0.######} of the search
             """));
        return (int)ExitCode.Done;
    }
}
