using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// Makes batches on other threads while the network is busy: a few are always under way or ready, in their order, never more. For one reader.
/// </summary>
internal sealed class BatchQueue : IDisposable
{
    // One being read, one or two being made on two cores, one in reserve for pictures that take long.
    private const int Ahead = 4;

    private readonly BatchPlan _plan;
    private readonly DecodedPictures _pictures;
    private readonly Augmenter _augmenter;
    private readonly InputSpec _input;
    private readonly int _seed;
    private readonly int _steps;
    private readonly Queue<Task<TrainingBatch>> _batches = new();
    private readonly CancellationTokenSource _stop = new();
    private int _step;

    /// <param name="plan">At its start; is moved to the first step.</param>
    /// <param name="pictures">By the plan's indices.</param>
    /// <param name="options">Augmentation and seed.</param>
    /// <param name="input">What the backbone wants.</param>
    /// <param name="firstStep">0, or where a resumed run goes on.</param>
    /// <param name="steps">Of the whole run.</param>
    public BatchQueue(BatchPlan plan, DecodedPictures pictures, FullTrainingOptions options, InputSpec input, int firstStep, int steps)
    {
        _plan = plan;
        _pictures = pictures;
        _augmenter = new Augmenter(options.Augmentation, input.Height, input.Width);
        _input = input;
        _seed = options.Seed;
        (_step, _steps) = (firstStep, steps);
        plan.Skip(firstStep);
        while (_batches.Count < Ahead && _step < steps)
        {
            Start();
        }
    }

    /// <summary>The next step's batch; starts another one.</summary>
    /// <exception cref="IOException">A picture can no longer be read.</exception>
    public TrainingBatch Next(CancellationToken cancellationToken)
    {
        var batch = _batches.Dequeue();
        if (_step < _steps)
        {
            Start();
        }

        batch.Wait(cancellationToken);
        return batch.Result;
    }

    public void Dispose()
    {
        _stop.Cancel();
        foreach (var batch in _batches)
        {
            // Whatever became of it, nobody wants it any more; but no thread must go on reading pictures.
            ((IAsyncResult)batch).AsyncWaitHandle.WaitOne();
        }

        _stop.Dispose();
    }

    private void Start()
    {
        var (step, planned) = (_step++, _plan.Next());
        _batches.Enqueue(Task.Run(() => Make(step, planned, _stop.Token), CancellationToken.None));
    }

    private TrainingBatch Make(int step, PlannedPicture[] planned, CancellationToken cancellationToken)
    {
        var (pixels, labels) = (new float[planned.Length * _input.RowLength], new long[planned.Length]);
        for (var i = 0; i < planned.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (picture, label, copy) = planned[i];
            var varied = _augmenter.Apply(_pictures[picture], new AugmentationDraws(_seed, step, picture, copy));
            PlanarPixels.Convert(varied.Pixels, _input, pixels.AsSpan(i * _input.RowLength, _input.RowLength));
            labels[i] = label;
        }

        return new TrainingBatch(pixels, labels);
    }
}
