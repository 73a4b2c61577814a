using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Keys;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;

namespace CpfPipeline.Cli.Processes;

/// <summary>Starts and stops the servers and services of a checkout. The caller holds the <see cref="InstallationLock"/>.</summary>
internal sealed class LocalStack(Installation installation)
{
    /// <summary>Starts everything: servers, schema, services, their supervisor. All are healthy at the end.</summary>
    /// <param name="replaceOlder">Restart services that run an older build or another configuration.</param>
    public async Task UpAsync(StepDisplay display, bool replaceOlder, CancellationToken cancellationToken)
    {
        if (File.Exists(installation.UnfinishedRestore))
        {
            throw CommandException.Infrastructure("a restore was not finished: run infra/cpf restore again");
        }

        await SupervisorProcess.StopAsync(installation, cancellationToken);
        await StartServersAsync(display, migrate: true, cancellationToken);
        await ServiceProcesses.StopOthersAsync(installation, cancellationToken);
        installation.Save(); // How many there are is what the supervisor and later commands go by.
        var waiting = new List<Task>();
        foreach (var service in installation.Services)
        {
            var started = await ServiceProcesses.StartAsync(installation, service, replaceOlder, cancellationToken);
            waiting.Add(display.StepAsync(service.Label, async tell =>
            {
                await ServiceProcesses.WaitAsync(installation, service, tell, cancellationToken);
                return started ? $"healthy at {installation.Url(service)}" : "already running";
            }));
        }

        await Task.WhenAll(waiting);
        if (SupervisorProcess.IsWanted)
        {
            await SupervisorProcess.StartAsync(installation, cancellationToken);
        }
    }

    /// <summary>Starts PostgreSQL and RabbitMQ, or checks the servers that were given.</summary>
    public async Task StartServersAsync(StepDisplay display, bool migrate, CancellationToken cancellationToken)
    {
        // Without state.json there are new secrets while the data is old. The servers learn the new secrets.
        var passwordLost = !File.Exists(Path.Combine(installation.Home, "state.json"))
            && (Directory.Exists(Path.Combine(installation.Home, "postgres"))
                || Directory.Exists(Path.Combine(installation.Home, "rabbitmq")));
        if (!File.Exists(Path.Combine(installation.Home, "state.json")))
        {
            installation.Save();
        }

        var postgres = PostgresAsync(display, migrate, passwordLost, cancellationToken);
        var rabbitMq = display.StepAsync("RabbitMQ", async () => installation.ExternalRabbitMq is { } given
            ? $"using {new Uri(given).Host} (CPF_RABBITMQ)"
            : await RabbitMqServer.StartAsync(installation, passwordLost, cancellationToken));
        await Task.WhenAll(postgres, rabbitMq);
    }

    /// <summary>Starts PostgreSQL alone, or checks the server that was given; its database gets no schema.</summary>
    public Task StartPostgresAsync(StepDisplay display, CancellationToken cancellationToken)
    {
        var passwordLost = !File.Exists(Path.Combine(installation.Home, "state.json"))
            && Directory.Exists(Path.Combine(installation.Home, "postgres"));
        if (!File.Exists(Path.Combine(installation.Home, "state.json")))
        {
            installation.Save();
        }

        return PostgresAsync(display, migrate: false, passwordLost, cancellationToken);
    }

    private async Task PostgresAsync(StepDisplay display, bool migrate, bool passwordLost, CancellationToken cancellationToken)
    {
        await display.StepAsync("PostgreSQL", async () =>
        {
            if (installation.ExternalPostgres is { } given)
            {
                return await PostgresServer.PrepareExternalAsync(given, cancellationToken);
            }

            var outcome = await PostgresServer.StartAsync(installation, passwordLost, cancellationToken);
            await PostgresServer.PrepareAsync(installation, cancellationToken);
            return outcome;
        });
        if (migrate)
        {
            await display.StepAsync("Schema", async () =>
            {
                try
                {
                    var applied = await new Migrator(installation.PostgresOwner).MigrateAsync(cancellationToken);
                    await OwnKey.EnsureAsync(installation, cancellationToken);
                    return applied.Count == 0 ? "up to date" : $"brought to version {applied[^1]}";
                }
                catch (SchemaMismatchException e)
                {
                    throw CommandException.Infrastructure(e.Message);
                }
            });
        }
    }

    /// <summary>Whether every service runs (of whatever build) and answers as healthy.</summary>
    public async Task<bool> IsUpAsync(CancellationToken cancellationToken)
    {
        if (installation.Services.Any(s => ProcessRecord.Read(installation, s.Key) is null))
        {
            return false;
        }

        using var client = new HealthClient(installation);
        var reports = await Task.WhenAll(installation.Services.Select(s => client.ReadAsync(installation.Url(s), cancellationToken)));
        return reports.All(r => r.Healthy);
    }

    /// <summary>Stops every process of this state folder, in the order that lets each finish its work.</summary>
    /// <returns>How many there were.</returns>
    public async Task<int> DownAsync(CancellationToken cancellationToken)
    {
        await SupervisorProcess.StopAsync(installation, cancellationToken);
        RestartRecords.Delete(installation);
        var all = ProcessTable.Of(installation);
        var services = ServiceProcesses.Find(installation).Select(p => p.Process).ToList();
        await ProcessTable.StopAsync(services, ProcessTable.Terminate, ServiceProcesses.Grace, cancellationToken);
        await Task.WhenAll(
            // SIGINT is PostgreSQL's fast shutdown: it ends the sessions and leaves a clean cluster.
            ProcessTable.StopAsync(PostgresServer.Find(installation) is { } postgres
                ? [postgres]
                : [], ProcessTable.Interrupt, TimeSpan.FromSeconds(60), cancellationToken),
            ProcessTable.StopAsync(RabbitMqServer.Find(installation) is { } broker
                ? [broker]
                : [], ProcessTable.Terminate, TimeSpan.FromSeconds(30), cancellationToken));
        await ProcessTable.StopAsync(ProcessTable.Of(installation), ProcessTable.Terminate, TimeSpan.FromSeconds(2), cancellationToken);
        foreach (var component in installation.Services.Select(s => s.Key).Append(Component.RabbitMq))
        {
            ProcessRecord.Delete(installation, component);
        }

        // An ended process stays listed until its parent, the system's first process, has collected its exit code.
        var start = TimeProvider.System.GetTimestamp();
        while (all.Any(p => ProcessTable.IsListed(p.Pid)) && TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromSeconds(3))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System, cancellationToken);
        }

        var left = ProcessTable.Of(installation);
        return left.Count == 0
            ? all.Count
            : throw CommandException.Infrastructure(
                $"{left.Count} processes could not be stopped: {string.Join(", ", left.Select(p => p.Pid))}");
    }
}
