using System.Globalization;
using CpfPipeline.Cli.Display;
using Spectre.Console;
using static CpfPipeline.Cli.Display.ListTable;

namespace CpfPipeline.Cli.Replays;

/// <summary>Prints what a replay put back, or would put back.</summary>
internal static class ReplayTable
{
    private const int MaxShown = 20;

    public static void Write(ReplayOutcome outcome, bool isDryRun)
    {
        if (outcome.First.Count > 0)
        {
            var table = new ListTable("failed at", "lies in", "message", "source", "replays", "reason");
            foreach (var message in outcome.First.Take(MaxShown))
            {
                table.Add(
                    message.FailedAt is { } at ? Cell($"{at.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z") : new Text(""),
                    new Text(message.Queue), new Text(message.Message), new Text(message.Source ?? ""), Cell($"{message.Replays}"),
                    new Text(message.Reason + (message.Detail is null ? "" : $": {message.Detail}")));
            }

            table.Write();
            if (outcome.Chosen > MaxShown)
            {
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"... and {outcome.Chosen - MaxShown:N0} more"));
            }

            var counts = new ListTable("count", "lies in", "goes to", "message", "reason");
            foreach (var kind in outcome.Counts)
            {
                counts.Add(
                    Cell($"{kind.Count:N0}"), new Text(kind.Queue), new Text(kind.Target ?? ""), new Text(kind.Message),
                    new Text(kind.Reason));
            }

            counts.Write();
        }

        Console.WriteLine(Sentence(outcome, isDryRun));
    }

    /// <summary>A line of its progress, for a log.</summary>
    public static string Line(ReplayedSoFar progress) => string.Create(
        CultureInfo.InvariantCulture,
        $"{progress.LookedAt:N0} of {progress.Total:N0} looked at, {progress.PutBack:N0} put back")
        + (progress.Waits is { } why ? $"; waits: {why}" : "");

    /// <summary>The line that it ends with.</summary>
    public static string Sentence(ReplayOutcome outcome, bool isDryRun) => (isDryRun
        ? string.Create(CultureInfo.InvariantCulture, $"{outcome.Chosen:N0} of {outcome.LookedAt:N0} would be put back (dry run)")
        : string.Create(CultureInfo.InvariantCulture, $"{outcome.PutBack:N0} of {outcome.LookedAt:N0} were put back"))
        + (outcome.OutOfReach == 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $"; {outcome.OutOfReach:N0} more images must be sent again by their sources (uploads, files of feeds, unknown addresses)"));
}
