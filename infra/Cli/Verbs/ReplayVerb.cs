using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Replays;
using CpfPipeline.Cli.Services;
using CpfPipeline.CommandLine;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ReplayVerb : AsyncCommand<ReplayVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var body = new ReplayBody(
            settings.Images, settings.DryRun, settings.Queue, settings.Reason, settings.Source, TimeOf("--since", settings.Since),
            TimeOf("--until", settings.Until), settings.Limit);
        using var ingest = ServiceClient.Of(Installation.Load(), "Ingest");
        var outcome = await BarDisplay.RunAsync(
            bars =>
            {
                var bar = bars.AddTask("failed messages", autoStart: true);
                return RunAsync(progress =>
                {
                    bar.MaxValue = Math.Max(1, progress.Total);
                    bar.Value = progress.LookedAt;
                });
            },
            () => RunAsync(progress => Console.Error.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{progress.LookedAt:N0} of {progress.Total:N0} looked at, {progress.PutBack:N0} put back"))));
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
            return TimeProvider.System.GetUtcNow() - text[^1] switch
            {
                's' => TimeSpan.FromSeconds(number),
                'm' => TimeSpan.FromMinutes(number),
                'h' => TimeSpan.FromHours(number),
                _ => TimeSpan.FromDays(number),
            };
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : throw new UsageException($"{option} takes a time (2026-11-29T21:00Z, UTC without a zone) or how long ago (90m, 6h, 2d)");
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--images")]
        [Description("Ask again for rejected images instead of messages. Without --reason: fetch_failed and fetch_timeout.")]
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
        [Description("At most so many.")]
        [Range(1, int.MaxValue)]
        public int? Limit { get; init; }

        [CommandOption("--dry-run")]
        [Description("Put nothing back; only list what would go.")]
        public bool DryRun { get; init; }

        [CommandOption("--json")]
        [Description("Print JSON.")]
        public bool Json { get; init; }
    }
}
