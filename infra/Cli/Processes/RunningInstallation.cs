using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Processes;

/// <summary>For verbs that need the services: starts what does not run, and leaves alone what does.</summary>
internal static class RunningInstallation
{
    /// <exception cref="CommandException">It cannot be started (3), or another command works in this checkout (6).</exception>
    public static async Task<Installation> FindOrStartAsync(CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        var stack = new LocalStack(installation);
        if (!await stack.IsUpAsync(cancellationToken))
        {
            using var held = InstallationLock.Acquire(installation);
            await StepDisplay.RunAsync(display => stack.UpAsync(display, replaceOlder: false, cancellationToken));
        }

        return installation;
    }
}
