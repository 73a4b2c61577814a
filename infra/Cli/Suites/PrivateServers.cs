using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;

namespace CpfPipeline.Cli.Suites;

/// <summary>Servers for a run of tests or benchmarks.</summary>
internal static class PrivateServers
{
    /// <summary>
    /// Starts PostgreSQL and RabbitMQ, works, and stops everything unless something ran before. Services are not started: they would be
    /// measured too.
    /// </summary>
    /// <param name="installation">The caller holds its lock.</param>
    /// <param name="needed">Whether the work needs servers.</param>
    /// <param name="work">What is done while they run.</param>
    /// <param name="cancellationToken">Cancels the start; the end is not cancelled.</param>
    public static async Task<T> UseAsync<T>(Installation installation, bool needed, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var stack = new LocalStack(installation);
        var wasSupervised = await SupervisorProcess.StopAsync(installation, cancellationToken);
        var ranBefore = ProcessTable.Of(installation).Count > 0;
        try
        {
            if (needed)
            {
                await StepDisplay.RunAsync(display => stack.StartServersAsync(display, migrate: false, cancellationToken));
            }

            return await work();
        }
        finally
        {
            if (!ranBefore)
            {
                await stack.DownAsync(CancellationToken.None);
            }
            else if (wasSupervised)
            {
                await SupervisorProcess.StartAsync(installation, CancellationToken.None);
            }
        }
    }
}
