using System.ComponentModel;
using CpfPipeline.Cli.Addresses;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Status;
using CpfPipeline.CommandLine;
using Spectre.Console;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class StatusVerb : AsyncCommand<StatusVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.Watch && (settings.Json || settings.Addresses))
        {
            throw new UsageException("--watch goes with neither --json nor --addresses");
        }

        var installation = Installation.Load();
        if (settings.Addresses)
        {
            Console.WriteLine(settings.Json
                ? InstallationAddresses.ToJson(installation)
                : string.Join('\n', InstallationAddresses.Of(installation).Select(a => $"{a.Key,-16} {a.Value}")));
            return (int)ExitCode.Done;
        }

        if (settings.Watch)
        {
            await WatchAsync(installation, cancellationToken);
            return (int)ExitCode.Done;
        }

        var status = await StatusReader.ReadAsync(installation, Console.Error, cancellationToken);
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

    private static Task WatchAsync(Installation installation, CancellationToken cancellationToken)
    {
        var watch = new StatusWatch(token => StatusReader.ReadAsync(installation, TextWriter.Null, token), TimeProvider.System);
        return Console.IsOutputRedirected
            ? watch.WriteChangesAsync(Console.Out, cancellationToken)
            : watch.DrawAsync(
                status =>
                {
                    AnsiConsole.Clear();
                    StatusPrinter.Write(status);
                },
                cancellationToken);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--json")]
        [Description("Print JSON.")]
        public bool Json { get; init; }

        [CommandOption("--watch")]
        [Description("Show it again every two seconds until Ctrl+C; into a file or a pipe, a line for each change.")]
        public bool Watch { get; init; }

        [CommandOption("--addresses")]
        [Description("Print the addresses of HTTP, AMQP and SQL with the credentials for them.")]
        public bool Addresses { get; init; }
    }
}
