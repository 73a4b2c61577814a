using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Replays;
using CpfPipeline.Cli.Services;
using CpfPipeline.CommandLine;
using Spectre.Console;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ReplayVerb : AsyncCommand<ReplayVerb.Settings>
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromDays(36_500);

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var body = new ReplayBody(
            settings.Images, settings.DryRun, settings.Queue, settings.Reason, settings.Source, TimeOf("--since", settings.Since),
            TimeOf("--until", settings.Until), settings.Limit);
        if (body.Since >= body.Until)
        {
            throw new UsageException("--since is not before --until");
        }

        using var ingest = ServiceClient.Of(Installation.Load(), "Ingest");
        var outcome = await BarDisplay.RunAsync(
            bars =>
            {
                var name = settings.Images ? "failed images" : "failed messages";
                var bar = bars.AddTask(name, autoStart: true);
                return RunAsync(progress =>
                {
                    bar.Description = Markup.Escape(progress.Waits is { } why ? $"waits: {why}" : name);
                    bar.MaxValue = Math.Max(1, progress.Total);
                    bar.Value = progress.LookedAt;
                });
            },
            () => RunAsync(progress => Console.Error.WriteLine(ReplayTable.Line(progress))));
        if (settings.Json)
        {
            Console.WriteLine(System.Text.Json.JsonSerializer.Serialize(outcome, ServiceClient.IndentedJson));
        }
        else
        {
            ReplayTable.Write(outcome, settings.DryRun);
        }

        return (int)ExitCode.Done;

        Task<ReplayOutcome> RunAsync(Action<ReplayedSoFar> tell) => new ReplayClient(ingest).RunAsync(body, tell, cancellationToken);
    }

    /// <summary>A time, or how long ago: <c>90m</c>, <c>6h</c>, <c>2d</c>.</summary>
    internal static DateTimeOffset? TimeOf(string option, string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (text.Length > 1 && double.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number)
            && text[^1] is 's' or 'm' or 'h' or 'd')
        {
            var seconds = number * text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3_600, _ => 86_400 };
            return seconds <= MaxAge.TotalSeconds
                ? TimeProvider.System.GetUtcNow() - TimeSpan.FromSeconds(seconds)
                : throw new UsageException($"{option} reaches {MaxAge.TotalDays:0} days back at most");
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new UsageException($"{option} takes a time (2026-11-29T21:00Z, UTC without a zone) or how long ago (90m, 6h, 2d)");
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--images")]
        [Description("Ask again for rejected images, and for failed updates of live ones, instead of messages. Without --reason: "
            + "fetch_failed and fetch_timeout.")]
        public bool Images { get; init; }

        [CommandOption("--queue <QUEUE>")]
        [Description("Only what failed in this queue (cpf.content-stored), or lies in this one (cpf.dead-letter).")]
        public string? Queue { get; init; }

        [CommandOption("--reason <TEXT>")]
        [Description("Only what failed for this: part of the exception's type or text, or a reject reason with --images.")]
        public string? Reason { get; init; }

        [CommandOption("--source <S>")]
        [Description("Only what is about images of this source.")]
        public string? Source { get; init; }

        [CommandOption("--since <TIME>")]
        [Description("Only what failed at this time or later: a time in UTC, or how long ago (90m, 6h, 2d).")]
        public string? Since { get; init; }

        [CommandOption("--until <TIME>")]
        [Description("Only what failed before this time.")]
        public string? Until { get; init; }

        [CommandOption("--limit <N>")]
        [Description("At most so many, the oldest first.")]
        [Range(1, int.MaxValue)]
        public int? Limit { get; init; }

        [CommandOption("--dry-run")]
        [Description("Put nothing back; list what would go. To look at messages takes each out and lays it behind the others.")]
        public bool DryRun { get; init; }

        [CommandOption("--json")]
        [Description("Print JSON.")]
        public bool Json { get; init; }
    }
}
