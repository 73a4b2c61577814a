using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Schema;
using Npgsql;

namespace CpfPipeline.Cli.Status;

/// <summary>Asks the services and the database of an installation how they are.</summary>
internal static class StatusReader
{
    /// <exception cref="CommandException">Nothing runs, or the database is being restored.</exception>
    public static async Task<StatusReport> ReadAsync(Installation installation, TextWriter error, CancellationToken cancellationToken)
    {
        using var client = new HealthClient(installation);
        var services = await Task.WhenAll(
            installation.Services.Select(service => ReadAsync(installation, service, client, cancellationToken)));
        PipelineCounts? counts = null;
        try
        {
            counts = await PipelineCounts.ReadAsync(installation.PostgresService, cancellationToken);
        }
        catch (UnfinishedRestoreException e)
        {
            throw CommandException.Infrastructure(e.Message);
        }
        catch (NpgsqlException) when (services.All(s => s.Service.Pid is null))
        {
            throw CommandException.Infrastructure("nothing runs in this checkout: infra/cpf up starts it");
        }
        catch (NpgsqlException e)
        {
            await error.WriteLineAsync($"cpf: PostgreSQL does not answer: {e.Message.ReplaceLineEndings(" ")}");
        }

        return StatusReport.Of(services, counts) with { Supervisor = SupervisorOf(installation) };
    }

    private static SupervisorStatus SupervisorOf(Installation installation)
    {
        var records = RestartRecords.Read(installation);
        return new SupervisorStatus(
            SupervisorProcess.Find(installation)?.Pid,
            records.ToDictionary(r => r.Key, r => r.Value.Restarts),
            records.Where(r => r.Value.KeepsDying is not null).ToDictionary(r => r.Key, r => r.Value.KeepsDying!));
    }

    private static async Task<(ServiceStatus Service, HealthReport Report)> ReadAsync(
        Installation installation, Service service, HealthClient client, CancellationToken cancellationToken)
    {
        if (!installation.State.Ports.ContainsKey(service.Key))
        {
            return (new ServiceStatus(service.Label, false, null, "", null, []), HealthReport.None);
        }

        var process = ProcessRecord.Read(installation, service.Key);
        var report = process is null ? HealthReport.None : await client.ReadAsync(installation.Url(service), cancellationToken);
        return (
            new ServiceStatus(
                service.Label, report.Healthy, report.Version, installation.Url(service).ToString(), process?.Pid, report.Problems,
                PreparationText.Of(report)),
            report);
    }
}
