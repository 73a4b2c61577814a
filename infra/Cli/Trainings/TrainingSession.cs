using CpfPipeline.Cli.Processes;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Trainings;

/// <summary>Asks for a run, waits for it when asked to, and tells how it ended.</summary>
internal static class TrainingSession
{
    /// <param name="path">See <see cref="TrainerClient.AskAsync"/>.</param>
    /// <param name="body">Makes what is asked for, which is sent once; null: nothing.</param>
    /// <param name="idempotencyKey">Asking again with it gives the same run.</param>
    /// <param name="wait">Whether to wait for the end.</param>
    /// <param name="cancellationToken">Stops waiting; the run goes on.</param>
    public static async Task<ExitCode> RunAsync(
        string path, Func<object?>? body, string? idempotencyKey, bool wait, CancellationToken cancellationToken)
    {
        var installation = await RunningInstallation.FindOrStartAsync(cancellationToken);
        using var client = TrainerClient.Of(installation);
        using var health = new HealthClient(installation);
        var watch = ServiceWatch.Of(installation, health);
        var run = await TrainingAsk.RunAsync(client, path, body, idempotencyKey, TimeProvider.System, cancellationToken);
        if (!wait && !run.HasEnded)
        {
            Console.WriteLine($"run {run.RunId} ({run.Kind}) is {run.State}: {client.AddressOf(run.Url)}");
            return ExitCode.Done;
        }

        try
        {
            run = await TrainingDisplay.RunAsync(display =>
                new TrainingFollow(client, watch, TimeProvider.System).RunAsync(run, display, cancellationToken));
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync(
                $"cpf: stopped waiting; run {run.RunId} goes on. {client.AddressOf(run.Url)} shows it, POST "
                    + $"{client.AddressOf(run.Url)}/cancel ends it");
            throw;
        }

        Console.WriteLine($"{run.State.Replace('_', ' ')}: {run.Message}");
        if (run.ReportUrl is { } report)
        {
            Console.WriteLine($"report: {client.AddressOf(report)}");
        }

        return RunExit.Of(run);
    }
}
