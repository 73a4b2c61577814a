using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Trainings;

/// <summary>Asks for a run until the answer is known. The key makes asking again safe.</summary>
internal static class TrainingAsk
{
    /// <summary>Longer than a server takes to start again.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <param name="client">The Trainer.</param>
    /// <param name="path">See <see cref="TrainerClient.AskAsync"/>.</param>
    /// <param name="body">Makes what is asked for, which is sent once; null: nothing.</param>
    /// <param name="idempotencyKey">The caller's key; null: one of its own.</param>
    /// <param name="time">Clock.</param>
    /// <param name="cancellationToken">Cancels; the run may have begun.</param>
    /// <exception cref="CommandException">As <see cref="TrainerClient.AskAsync"/>.</exception>
    public static async Task<RunAnswer> RunAsync(
        TrainerClient client, string path, Func<object?>? body, string? idempotencyKey, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var (key, start) = (idempotencyKey ?? $"cli {Guid.NewGuid()}", time.GetTimestamp());
        while (true)
        {
            try
            {
                return await client.AskAsync(path, body?.Invoke(), key, cancellationToken);
            }
            catch (ServiceSilentException) when (time.GetElapsedTime(start) < Patience)
            {
                // The Trainer may have taken the order and then died, or lost its database, before it could answer.
                await Task.Delay(Pause, time, cancellationToken);
            }
        }
    }
}
