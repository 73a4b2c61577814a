using CpfPipeline.Cli.Local;

namespace CpfPipeline.Cli.Feeds;

/// <summary>For verbs that need the services: starts what does not run, and leaves alone what does.</summary>
internal static class RunningInstallation
{
    /// <exception cref="CommandException">It cannot be started, or another command is at it.</exception>
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
