using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Samplers;
using CpfPipeline.Learning.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>One run that trains a head's projection and the class centres on features. Mean and square root stay as they start.</summary>
/// <remarks>
/// The features are prepared once; a step is a matrix product of a batch. Nothing but the batch order is random. Where the start names
/// directions, features and projection are taken in their coordinates, and the projection gets its full size at the end.
/// </remarks>
internal sealed class HeadTraining
{
    private readonly HeadOptions _options;
    private readonly LinearHead _start;
    private readonly Tensor _features;
    private readonly int[] _labels;
    private readonly int[]? _groups;
    private readonly ClassScopes? _scopes;

    /// <param name="options">Validated.</param>
    /// <param name="start">Where the projection starts.</param>
    /// <param name="features"><c>[N,F]</c> half or float32 on the CPU.</param>
    /// <param name="labels">Class of each row from 0.</param>
    /// <param name="groups">Set of each row from 0 when there are several; batches then hold as many classes of each.</param>
    /// <param name="scopes">Which classes are surely two products; null: all.</param>
    public HeadTraining(
        HeadOptions options, LinearHead start, Tensor features, int[] labels, int[]? groups = null, ClassScopes? scopes = null) =>
        (_options, _start, _features, _labels, _groups, _scopes) = (options, start, features, labels, groups, scopes);

    /// <summary>Trains.</summary>
    /// <param name="device">Where.</param>
    /// <param name="stopAfter">Steps to make of the whole schedule, or null for all.</param>
    /// <param name="validate">F1 at one threshold of a head on validation, or null to run without looking.</param>
    /// <param name="progress">Receives each step.</param>
    /// <param name="cancellationToken">Stops within a step.</param>
    /// <param name="checkpoint">Where the run is kept from time to time and when cancelled, and resumed from; null: nowhere.</param>
    /// <param name="name">The run's name there.</param>
    /// <exception cref="LossIsNotFiniteException">The loss is NaN or infinite, or the head is.</exception>
    /// <exception cref="IOException">The run cannot be kept.</exception>
    public HeadTrainingResult Run(
        Device device, int? stopAfter, Func<LinearHead, double>? validate, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken,
        HeadCheckpoint? checkpoint = null, string name = "")
    {
        using var scope = NewDisposeScope();
        var prepared = ScalarLifetime.Again(() => PrepareAll(device));
        var labels = tensor(_labels).to(ScalarType.Int64).to(device);
        var classes = _labels.Max() + 1;
        var start = Start().to(device);
        using var loss = _options.Loss!.Make(Means(prepared, labels, classes, start));
        var projection = new Parameter(start);
        using var optimiser = new ResumableAdamW();
        optimiser.Add(projection, _options.HeadRate, decay: 0);
        if (loss.Centres is { } centres)
        {
            optimiser.Add(centres, _options.CentreRate, decay: 0);
        }

        var present = new[] { projection, loss.Centres }.OfType<Tensor>().Concat(optimiser.Moments).ToList();
        var sampler = new BalancedSampler(_labels, _groups, _options.ClassesPerBatch, _options.PicturesPerClass, _options.Seed);
        var steps = (int)Math.Min(_options.MaxSteps, (long)_options.Epochs * sampler.BatchesPerEpoch);
        var every = Math.Max(1, steps / _options.Validations);
        var last = Math.Min(steps, stopAfter ?? steps);
        var state = checkpoint?.Begun(name) ?? new HeadTrainingState();
        if (state.Present.Length > 0)
        {
            TensorValues.Write(present, state.Present);
            for (var i = 0; i < state.Step; i++)
            {
                sampler.Next();
            }
        }

        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if ((state.Step % every == 0 || state.Step == last) && state.ValidatedAt < state.Step)
                {
                    Look(state, projection, validate);
                }

                if (state.Step == last || state.Stale >= _options.Patience)
                {
                    break;
                }

                if (checkpoint is { IsDue: true })
                {
                    Keep();
                }

                using var step = NewDisposeScope();
                state.Loss = Step(sampler.Next(), prepared, labels, projection, loss, optimiser, state.Step, steps);
                state.Step++;
                progress?.Report(new TrainingProgress("", state.Step, last, state.Loss, validate is null ? null : state.BestF1));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Keep();
            throw;
        }

        return validate is null
            ? new HeadTrainingResult(Head(TensorValues.Read(projection), last), last, null, state.History)
            : new HeadTrainingResult(Head(state.Best[0], state.BestStep), state.BestStep, state.BestF1, state.History);

        void Keep()
        {
            if (checkpoint is not null)
            {
                state.Present = TensorValues.Read(present);
                checkpoint.Keep(name, state);
            }
        }
    }

    private void Look(HeadTrainingState state, Tensor projection, Func<LinearHead, double>? validate)
    {
        if (validate is not null)
        {
            var values = TensorValues.Read(projection);
            var f1 = validate(Head(values, state.Step));
            state.History.Add(new LossPoint(state.Step, state.Loss, f1));
            state.Stale++;
            if (f1 > state.BestF1)
            {
                (state.BestF1, state.BestStep, state.Stale, state.Best) = (f1, state.Step, 0, [values]);
            }
        }
        else if (state.Step > 0)
        {
            state.History.Add(new LossPoint(state.Step, state.Loss, null));
        }

        state.ValidatedAt = state.Step;
    }

    private double Step(
        int[] rows, Tensor prepared, Tensor labels, Parameter projection, IEmbeddingLoss loss, ResumableAdamW optimiser, int step,
        int steps)
    {
        var chosen = tensor(rows).to(ScalarType.Int64).to(prepared.device);
        var x = prepared.index_select(0, chosen);
        var value = ScalarLifetime.Again(() =>
        {
            using var scope = NewDisposeScope();
            optimiser.ZeroGradients();
            var unknown = _scopes?.Unknown([.. rows.Select(i => _labels[i])], prepared.device);
            var objective = loss.Forward(x.mm(projection), labels.index_select(0, chosen), unknown);
            var reached = objective.item<float>();
            if (!float.IsFinite(reached))
            {
                throw LossIsNotFiniteException.At(step);
            }

            objective.backward();
            return reached;
        });
        optimiser.Step(step, WarmupCosine.Factor(step, steps, _options.WarmupShare));
        return value;
    }

    // In blocks: the float32 rows are kept, the temporaries are not.
    private Tensor PrepareAll(Device device)
    {
        const int RowsPerBlock = 8192;
        var n = _features.shape[0];
        var directions = Directions();
        var result = empty([n, directions?.shape[1] ?? _start.FeatureDim], dtype: ScalarType.Float32, device: device);
        for (long first = 0; first < n; first += RowsPerBlock)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(RowsPerBlock, n - first);
            var rows = _start.Prepare(_features.narrow(0, first, count));
            result.narrow(0, first, count).copy_(directions is null ? rows : rows.mm(directions));
        }

        return result;
    }

    private Tensor? Directions() =>
        _start.Directions is { } directions ? tensor(directions, [_start.FeatureDim, directions.Length / _start.FeatureDim]) : null;

    private Tensor Start()
    {
        using var scope = NewDisposeScope();
        var projection = tensor(_start.Projection, [_start.FeatureDim, _start.EmbeddingDim]);
        return (Directions() is { } directions ? directions.t().mm(projection) : projection).MoveToOuterDisposeScope();
    }

    private static Tensor Means(Tensor prepared, Tensor labels, int classes, Tensor projection)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        const int RowsPerBlock = 8192;
        var sums = zeros([classes, projection.shape[1]], device: prepared.device);
        for (long first = 0; first < prepared.shape[0]; first += RowsPerBlock)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(RowsPerBlock, prepared.shape[0] - first);
            sums.index_add_(0, labels.narrow(0, first, count), UnitRows.Of(prepared.narrow(0, first, count).mm(projection)), 1);
        }

        return UnitRows.Of(sums).MoveToOuterDisposeScope();
    }

    // The last step's gradient may be NaN without any loss showing it.
    private LinearHead Head(float[] projection, int step)
    {
        if (!Array.TrueForAll(projection, float.IsFinite))
        {
            throw LossIsNotFiniteException.At(step);
        }

        using var scope = NewDisposeScope();
        return Directions() is { } directions && step > 0
            ? _start with
            {
                Projection = directions.mm(tensor(projection, [directions.shape[1], _start.EmbeddingDim])).data<float>().ToArray(),
                Directions = null,
            }
            : _start with { Projection = step > 0 ? projection : _start.Projection, Directions = null };
    }
}
