using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Trainings;

/// <summary>Waits for a run's end.</summary>
internal sealed class TrainingFollow(TrainerClient client, ServiceWatch watch, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <param name="run">The run.</param>
    /// <param name="display">Told of every look.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    /// <exception cref="CommandException">A service that is needed is gone for longer than a restart takes.</exception>
    public async Task<RunAnswer> RunAsync(RunAnswer run, ITrainingDisplay display, CancellationToken cancellationToken)
    {
        display.Show(run);
        while (!run.HasEnded)
        {
            await watch.CheckAsync(["Trainer", "Matcher"], cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
            try
            {
                run = await client.FindAsync(run.RunId, cancellationToken);
            }
            catch (CommandException e) when (e.ExitCode == ExitCode.Infrastructure)
            {
                continue; // The Trainer may be restarting. The run goes on when it is back; the watch tells when it does not come back.
            }

            display.Show(run);
        }

        return run;
    }
}
