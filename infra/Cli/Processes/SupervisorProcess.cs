using System.Globalization;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>
/// The supervisor of local mode: this program, detached, with the word <see cref="Word"/>. Every command that starts or stops processes
/// stops it first, and so never works against it.
/// </summary>
internal static class SupervisorProcess
{
    /// <summary>The word that makes this program a supervisor. It is no verb for users.</summary>
    public const string Word = "supervise";

    private const string Name = "supervisor";

    private static readonly TimeSpan PortPatience = TimeSpan.FromSeconds(20);

    /// <summary>Whether there is to be one: unless <c>CPF_SUPERVISE</c> is 0.</summary>
    public static bool IsWanted => Environment.GetEnvironmentVariable("CPF_SUPERVISE") != "0";

    /// <summary>Its log.</summary>
    public static string LogOf(Installation installation) => Path.Combine(installation.Logs, Name + ".log");

    /// <summary>The live one, or null.</summary>
    public static ProcessRecord? Find(Installation installation) => ProcessRecord.Read(installation, Name);

    /// <summary>Starts one in the background. The caller holds the installation's lock, and has stopped the one before.</summary>
    public static async Task StartAsync(Installation installation, CancellationToken cancellationToken)
    {
        var pidFile = Path.Combine(installation.Run, Name + ".pid");
        File.Delete(pidFile);
        var program = Path.Combine(AppContext.BaseDirectory, "CpfPipeline.Cli.dll");
        var code = await Script.RunAsync(
            installation, "daemon.sh", [LogOf(installation), pidFile, DotnetProgram.Host, program, Word],
            [new("DOTNET_gcServer", "0"), new("DOTNET_TieredCompilation", null)], workingFolder: null, cancellationToken);
        if (code == 0 && int.TryParse(await File.ReadAllTextAsync(pidFile, cancellationToken), CultureInfo.InvariantCulture, out var pid))
        {
            ProcessRecord.Write(installation, Name, pid, "");
        }

        File.Delete(pidFile);
    }

    /// <summary>Stops it. A start that it was in the middle of is given up; whoever goes on finds its process.</summary>
    /// <returns>Whether there was one.</returns>
    public static async Task<bool> StopAsync(Installation installation, CancellationToken cancellationToken)
    {
        var found = ProcessTable.Of(installation).Where(IsSupervisor).ToList();
        await ProcessTable.StopAsync(found, ProcessTable.Terminate, TimeSpan.FromSeconds(5), cancellationToken);
        ProcessRecord.Delete(installation, Name);
        return found.Count > 0;
    }

    /// <summary>Is the supervisor until it is told to stop.</summary>
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        var installation = Installation.Load();
        var supervisor = new Supervisor(
            [.. ComponentsOf(installation)], RestartRecords.Read(installation), records => RestartRecords.Write(installation, records),
            Console.Out, TimeProvider.System);
        try
        {
            await supervisor.RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    private static bool IsSupervisor(ProcessRecord process) =>
        ProcessTable.CommandLine(process.Pid) is var line
        && line.Contains("CpfPipeline.Cli.dll", StringComparison.Ordinal) && line.TrimEnd().EndsWith(' ' + Word, StringComparison.Ordinal);

    private static IEnumerable<Supervised> ComponentsOf(Installation installation)
    {
        if (installation.ExternalPostgres is null)
        {
            ProcessRecord? server = null;
            yield return new(
                Component.Postgres,
                () => (server is { IsAlive: true } ? server : server = PostgresServer.Find(installation)) is not null,
                async token =>
                {
                    await UntilFreeAsync(installation, [Component.Postgres], token);
                    await PostgresServer.StartAsync(installation, passwordLost: false, token);
                });
        }

        if (installation.ExternalRabbitMq is null)
        {
            yield return new(
                Component.RabbitMq,
                () => RabbitMqServer.Find(installation) is not null,
                async token =>
                {
                    await UntilFreeAsync(
                        installation, [Component.RabbitMq, Component.RabbitMqDistribution, Component.RabbitMqManagement], token);
                    await RabbitMqServer.StartAsync(installation, passwordLost: false, token);
                });
        }

        foreach (var service in installation.Services)
        {
            yield return new(
                service.Key,
                () => ProcessRecord.Read(installation, service.Key) is not null,
                async token =>
                {
                    await UntilFreeAsync(installation, [service.Key], token);
                    await ServiceProcesses.StartAsync(installation, service, replaceOlder: false, token);
                });
        }
    }

    // The children of a server that was killed hold its port for a moment. Others know this port, so that no new one may be chosen.
    private static async Task UntilFreeAsync(Installation installation, string[] components, CancellationToken cancellationToken)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (Array.Find(components, c => !Ports.IsFree(installation.State.Ports[c])) is { } taken)
        {
            if (TimeProvider.System.GetElapsedTime(start) > PortPatience)
            {
                throw CommandException.Infrastructure($"port {installation.State.Ports[taken]} of {taken} is taken by another program");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }
    }
}
