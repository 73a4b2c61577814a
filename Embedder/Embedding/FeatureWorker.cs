using CpfPipeline.Embedder.Devices;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Embedder.Embedding;

/// <summary>
/// One thread: has pictures decoded into its own buffer and runs the backbone over them. While one worker waits for its decoder, another
/// runs the backbone: with as many workers as cores, both overlap. Where a device works, the worker hands it the decoded picture and goes
/// on with the next one; the device forms batches of what all workers hand in.
/// </summary>
internal sealed class FeatureWorker(JobQueue<FeatureJob> jobs, IPictureDecoder decoder, EmbedderOptions options)
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
        var backbone = job.Batch.Backbone;
        if (_taken.Count > 0 && _taken[0].Job.Batch.Backbone != backbone)
        {
            Run();
        }

        if (job.Batch.Abandoned)
        {
            job.Batch.Complete(job.Index, FeatureOutcome.Failed(new OperationCanceledException()));
        }
        else if (backbone.Devices is { } devices)
        {
            Run(); // What was taken before a device came back would wait for as long as pictures come.
            HandIn(job, devices);
        }
        else
        {
            var size = options.EffectiveBatchSize(cuda: false);
            var decoded = Decode(job, () => PixelsFor(backbone.Spec.Input, size).Row(_taken.Count));
            if (!decoded.HasFeature)
            {
                job.Batch.Complete(job.Index, decoded);
                return;
            }

            _taken.Add((job, decoded.IsBlank));
            if (_taken.Count == size)
            {
                Run();
            }
        }
    }

    // The row is the device's until the picture has its outcome. It goes back before the outcome is known: with the last outcome of a
    // batch the backbone, and its rows, may go.
    private void HandIn(FeatureJob job, DeviceGroup devices)
    {
        float[]? row = null;
        var decoded = Decode(job, () => row = devices.Rows.Rent());
        if (decoded.HasFeature)
        {
            devices.Add(new DevicePicture(row!, job.Batch.Feature(job.Index), Done, job.Batch.Abandonment));
        }
        else
        {
            Finish(decoded);
        }

        void Done(string? reason, Exception? failure) =>
            Finish(failure is not null ? FeatureOutcome.Failed(failure) : Outcome(reason, decoded.IsBlank));

        void Finish(FeatureOutcome outcome)
        {
            if (row is not null)
            {
                devices.Rows.Return(row);
            }

            job.Batch.Complete(job.Index, outcome);
        }
    }

    /// <summary>Has a feature to come (and says whether the picture is of one colour), or is refused, or failed.</summary>
    private FeatureOutcome Decode(FeatureJob job, Func<Span<float>> row)
    {
        try
        {
            var outcome = decoder.Decode(job.Bytes, job.Batch.Backbone.Spec.Input, row());
            return outcome.IsOk ? FeatureOutcome.Ok(outcome.IsBlank) : FeatureOutcome.Refused(outcome.Reason, outcome.Message);
        }
        catch (Exception e)
        {
            // Not a bad picture (that is a value) but something broken; the others of its batch go on.
            return FeatureOutcome.Failed(e);
        }
    }

    private void Run()
    {
        if (_taken.Count == 0)
        {
            return;
        }

        var backbone = _taken[0].Job.Batch.Backbone;
        var dim = backbone.Spec.FeatureDim;
        try
        {
            if (_features.Length < _taken.Count * dim || _reasons.Length < _taken.Count)
            {
                _features = new Half[_taken.Count * dim];
                _reasons = new string?[_taken.Count];
            }

            backbone.Cpu.Run(_pixels[backbone.Spec.Input], _taken.Count, _features, _reasons);
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
            job.Batch.Complete(job.Index, Outcome(_reasons[i], isBlank));
        }

        _taken.Clear();
    }

    private static FeatureOutcome Outcome(string? reason, bool isBlank) => reason is null
        ? FeatureOutcome.Ok(isBlank) : FeatureOutcome.Refused(reason, FeatureRefusal.Explain(reason));

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
