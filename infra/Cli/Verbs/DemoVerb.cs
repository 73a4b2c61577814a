using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Demo;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Groups;
using CpfPipeline.Cli.Local;
using CpfPipeline.Cli.Trainings;
using Spectre.Console;

namespace CpfPipeline.Cli.Verbs;

internal sealed class DemoVerb : IVerb
{
    public string Name => "demo";

    public string Summary => "set everything up, match the pictures of five sellers, train on their keys, print groups and quality; leaves the services up";

    public string Usage => "";

    public IReadOnlyList<Option> Options => [];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        var demo = Path.Combine(installation.Checkout, "infra", "demo");
        var copies = new DemoCopies(installation);
        await StepDisplay.RunAsync(async display =>
        {
            await new LocalStack(installation).UpAsync(display, replaceOlder: true, cancellationToken);
            await display.StepAsync("Copies", () => copies.MakeAsync(Path.Combine(demo, "pictures"), cancellationToken));
        });

        await using var session = new FeedSession(installation);
        var feeds = DemoSellers.ByVendor.Values.Select(source => Path.Combine(demo, source + ".csv")).Append(copies.Feed);
        var outcome = await session.RunAsync([.. feeds.Select(feed => FeedRequest.Of(feed, null, null, snapshot: false))], cancellationToken);
        var store = new DemoStore(session.DataSource);
        var (run, before) = await new DemoTraining(installation).RunAsync(
            DemoReport.OfUnseen(await store.ReadAsync(DemoSellers.Sources, cancellationToken)), cancellationToken);
        var images = await store.ReadAsync(DemoSellers.Sources, cancellationToken);
        TableWidth.WidenWhenRedirected();
        new DemoReport(images, outcome, EmojiNames.Read(Path.Combine(demo, "names.csv")), AnsiConsole.Console).Write(
            installation, new DemoComparison(run, before, DemoReport.OfUnseen(images), AnsiConsole.Console));
        return run.State is "finished" or "refused" ? outcome.Feeds.Max(f => f.ExitCode) : RunExit.Of(run);
    }
}
