using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Erasures;

/// <summary>Asks for an erasure and waits until it is finished.</summary>
internal sealed class ErasureRun(ErasureClient client, ServiceWatch watch, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <param name="request">What to erase.</param>
    /// <param name="progress">Told of every look.</param>
    /// <param name="cancellationToken">Stops waiting; the erasure goes on.</param>
    /// <exception cref="CommandException">Nothing is known of it, or a service that is needed is gone.</exception>
    public async Task<ErasureAnswer> RunAsync(ErasureBody request, Action<ErasureAnswer> progress, CancellationToken cancellationToken)
    {
        var erasure = await client.EraseAsync(request, cancellationToken);
        progress(erasure);
        while (!erasure.IsFinished)
        {
            await watch.CheckAsync(["Ingest", "Matcher"], cancellationToken);
            await Task.Delay(Pause, time, cancellationToken);
            erasure = await client.FindAsync(erasure.ErasureId, cancellationToken);
            progress(erasure);
        }

        return erasure;
    }
}
