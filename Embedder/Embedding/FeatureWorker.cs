using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// One thread: decodes pictures into its own buffer and runs the backbone over them on the same core. With as many workers as cores,
/// decoding and inference overlap, and no pixels pass between threads. On CUDA the other workers decode while one waits for the device.
/// </summary>
internal sealed class FeatureWorker(JobQueue<FeatureJob> jobs, ImageDecoder decoder, EmbedderOptions options)
{
    private const int KeptInputs = 2;

    private readonly Dictionary<InputSpec, PixelBatch> _pixels = [];
    private readonly List<(FeatureJob Job, bool IsBlank)> _taken = [];
    private Half[] _features = [];
    private string?[] _reasons = [];

    /// <summary>Works until the queue is closed and empty. Throws nothing that a job did: a failure belongs to its picture.</summary>
    public void Work()
    {
        while (jobs.Take(out var job))
        {
            do
            {
                Take(job);
            }
            while (jobs.TryTake(out job));

            Run();
        }
    }

    private void Take(FeatureJob job)
    {
        var (session, size) = (job.Batch.Session, options.EffectiveBatchSize(job.Batch.Session.Provider.Name == "cuda"));
        if (_taken.Count > 0 && _taken[0].Job.Batch.Session != session)
        {
            Run();
        }

        if (job.Batch.Abandoned)
        {
            job.Batch.Complete(job.Index, FeatureOutcome.Failed(new OperationCanceledException()));
            return;
        }

        bool isBlank;
        try
        {
            var pixels = PixelsFor(session.Spec.Input, size);
            var outcome = decoder.Decode(job.Bytes, session.Spec.Input, pixels.Row(_taken.Count));
            if (!outcome.IsOk)
            {
                job.Batch.Complete(job.Index, FeatureOutcome.Refused(outcome.Reason, outcome.Message));
                return;
            }

            isBlank = outcome.IsBlank;
        }
        catch (Exception e)
        {
            // Not a bad picture (that is a value) but something broken; the others of its batch go on.
            job.Batch.Complete(job.Index, FeatureOutcome.Failed(e));
            return;
        }

        _taken.Add((job, isBlank));
        if (_taken.Count == size)
        {
            Run();
        }
    }

    private void Run()
    {
        if (_taken.Count == 0)
        {
            return;
        }

        var session = _taken[0].Job.Batch.Session;
        var dim = session.Spec.FeatureDim;
        try
        {
            if (_features.Length < _taken.Count * dim || _reasons.Length < _taken.Count)
            {
                _features = new Half[_taken.Count * dim];
                _reasons = new string?[_taken.Count];
            }

            session.Run(_pixels[session.Spec.Input], _taken.Count, _features, _reasons);
        }
        catch (Exception e)
        {
            foreach (var (job, _) in _taken)
            {
                job.Batch.Complete(job.Index, FeatureOutcome.Failed(e));
            }

            _taken.Clear();
            return;
        }

        for (var i = 0; i < _taken.Count; i++)
        {
            var (job, isBlank) = _taken[i];
            _features.AsSpan(i * dim, dim).CopyTo(job.Batch.Feature(job.Index).Span);
            job.Batch.Complete(job.Index, _reasons[i] is { } reason
                ? FeatureOutcome.Refused(reason, FeatureRefusal.Explain(reason))
                : FeatureOutcome.Ok(isBlank));
        }

        _taken.Clear();
    }

    private PixelBatch PixelsFor(InputSpec spec, int capacity)
    {
        if (_pixels.TryGetValue(spec, out var pixels) && pixels.Capacity >= capacity)
        {
            return pixels;
        }

        if (_pixels.Count >= KeptInputs)
        {
            _pixels.Clear();
        }

        return _pixels[spec] = new PixelBatch(spec, capacity);
    }
}
