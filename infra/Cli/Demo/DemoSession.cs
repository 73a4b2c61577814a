using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Trainings;
using CpfPipeline.Vocabulary;
using Spectre.Console;

namespace CpfPipeline.Cli.Demo;

/// <summary>
/// The whole demonstration: sets everything up, matches the sellers' pictures, trains on their keys, and prints what came of it.
/// </summary>
internal static class DemoSession
{
    /// <param name="installation">The caller holds its lock.</param>
    /// <param name="cancellationToken">Stops waiting; the services stay up.</param>
    public static async Task<ExitCode> RunAsync(Installation installation, CancellationToken cancellationToken)
    {
        var demo = Path.Combine(installation.Checkout, "infra", "demo");
        var copies = new DemoCopies(installation);
        await StepDisplay.RunAsync(async display =>
        {
            await new LocalStack(installation).UpAsync(display, replaceOlder: true, cancellationToken);
            await display.StepAsync("Copies", () => copies.MakeAsync(Path.Combine(demo, "pictures"), cancellationToken));
        });

        await using var session = new SubmitSession(installation);
        var feeds = DemoSellers.ByVendor.Values.Select(source => Path.Combine(demo, source + ".csv")).Append(copies.Feed);
        var outcome = await session.RunAsync([.. feeds.Select(feed => FeedBody.Of(feed, null, null, snapshot: false))], cancellationToken);
        var store = new DemoStore(session.DataSource);
        var (run, before) = await new DemoTraining(installation).RunAsync(
            DemoReport.OfUnseen(await store.ReadAsync(DemoSellers.Sources, cancellationToken)), cancellationToken);
        var images = await store.ReadAsync(DemoSellers.Sources, cancellationToken);
        TableWidth.WidenWhenRedirected();
        new DemoReport(images, outcome, EmojiNames.Read(Path.Combine(demo, "names.csv")), AnsiConsole.Console).Write(
            installation, new DemoComparison(run, before, DemoReport.OfUnseen(images), AnsiConsole.Console));
        return run.State is TrainingRunState.Finished or TrainingRunState.Refused ? outcome.Feeds.Max(f => f.ExitCode) : RunExit.Of(run);
    }
}
