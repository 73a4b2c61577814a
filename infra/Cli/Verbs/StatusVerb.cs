using System.ComponentModel;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Status;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class StatusVerb : AsyncCommand<StatusVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var status = await StatusReader.ReadAsync(Installation.Load(), Console.Error, cancellationToken);
        if (settings.Json)
        {
            Console.WriteLine(status.ToJson());
        }
        else
        {
            StatusPrinter.Write(status);
        }

        return (int)(status.IsHealthy ? ExitCode.Done : ExitCode.Infrastructure);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--json")]
        [Description("Print JSON.")]
        public bool Json { get; init; }
    }
}
