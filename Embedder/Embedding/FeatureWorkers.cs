using CpfPipeline.Data.Blobs;
using CpfPipeline.Vision.Decode;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// The threads that compute features, shared by all batches of the process: the queue between is short, so memory is bounded.
/// </summary>
internal sealed class FeatureWorkers : IDisposable
{
    private readonly IBlobStore _blobs;
    private readonly JobQueue<FeatureJob> _jobs;
    private readonly Thread[] _threads;
    private readonly int _readers;

    public FeatureWorkers(IBlobStore blobs, IPictureDecoder decoder, IOptions<EmbedderOptions> options, ILogger<FeatureWorkers> logger)
    {
        _blobs = blobs;
        var settings = options.Value;
        var workers = settings.EffectiveWorkers;
        _readers = workers + 1;
        _jobs = new JobQueue<FeatureJob>(workers * 2);
        _threads = [.. Enumerable.Range(0, workers).Select(i => new Thread(new FeatureWorker(_jobs, decoder, settings).Work)
        {
            Name = $"features-{i}", IsBackground = true,
        })];
        foreach (var thread in _threads)
        {
            thread.Start();
        }

        Log.Workers(logger, workers, Environment.ProcessorCount);
    }

    /// <summary>
    /// Reads the blobs and computes the features of a batch. Returns when no worker touches the batch any more, cancelled or not, so
    /// its session may be disposed. A missing blob is the outcome of its content, not an exception.
    /// </summary>
    public async Task RunAsync(FeatureBatch batch, CancellationToken cancellationToken)
    {
        // The token is not given to the loop: each content must get its outcome, an abandoned one at once.
        await Parallel.ForEachAsync(
            Enumerable.Range(0, batch.Contents.Count),
            new ParallelOptions { MaxDegreeOfParallelism = _readers, CancellationToken = CancellationToken.None },
            async (index, _) => await EnqueueAsync(
                batch, index, token => _blobs.ReadAsync(batch.Contents[index].Sha256, token), cancellationToken));
        await batch.Completion;
        cancellationToken.ThrowIfCancellationRequested();
    }

    /// <summary>
    /// Computes the feature of a batch of one picture whose bytes are at hand. Returns when no worker touches it any more.
    /// </summary>
    public async Task RunAsync(FeatureBatch batch, byte[] bytes, CancellationToken cancellationToken)
    {
        await EnqueueAsync(batch, 0, _ => Task.FromResult(bytes), cancellationToken);
        await batch.Completion;
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _jobs.Close();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _jobs.Dispose();
    }

    private async Task EnqueueAsync(
        FeatureBatch batch, int index, Func<CancellationToken, Task<byte[]>> read, CancellationToken cancellationToken)
    {
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = await read(cancellationToken);
            await _jobs.WriteAsync(new FeatureJob(batch, index, bytes), batch.Urgency, cancellationToken);
        }
        catch (Exception e)
        {
            // Missing, unreadable, cancelled: the content's own outcome. The caller decides.
            batch.Complete(index, FeatureOutcome.Failed(e));
        }
    }
}
