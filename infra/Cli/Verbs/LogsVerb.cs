using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Logs;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class LogsVerb : AsyncCommand<LogsVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var logs = new ServiceLogs(Installation.LoadOrCreate(), settings.Service, TimeProvider.System);
        var positions = logs.PrintEnd(settings.Lines);
        if (settings.Follow)
        {
            await logs.FollowAsync(positions, cancellationToken);
        }

        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "[SERVICE]")]
        [Description("ingest, embedder, matcher or trainer; ingest-2, joiner; also postgres, rabbitmq, build. Without it: all services.")]
        public string? Service { get; init; }

        [CommandOption("-f|--follow")]
        [Description("Keep printing what is added. Ctrl+C ends it.")]
        public bool Follow { get; init; }

        [CommandOption("-n|--lines <N>")]
        [Description("How many of the last lines to print.")]
        [Range(0, 1_000_000)]
        [DefaultValue(50)]
        public int Lines { get; init; } = 50;
    }
}
