using CpfPipeline.Trainer.Heads;
using CpfPipeline.Trainer.Losses;
using CpfPipeline.Trainer.Reports;
using CpfPipeline.Trainer.Samplers;
using CpfPipeline.Trainer.Schedules;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Trainer.Training;

/// <summary>One run that trains a head's projection and the class centres on features. Mean and square root stay as they start.</summary>
/// <remarks>The features are prepared once; a step is a matrix product of a batch. Nothing but the batch order and dropout is random.</remarks>
internal sealed class HeadTraining
{
    private readonly HeadOptions _options;
    private readonly LinearHead _start;
    private readonly Tensor _features;
    private readonly int[] _labels;
    private readonly int[]? _groups;

    /// <param name="options">Validated.</param>
    /// <param name="start">Where the projection starts.</param>
    /// <param name="features"><c>[N,F]</c> half or float32 on the CPU.</param>
    /// <param name="labels">Class of each row from 0.</param>
    /// <param name="groups">Set of each row from 0 when there are several; batches then hold as many classes of each.</param>
    public HeadTraining(HeadOptions options, LinearHead start, Tensor features, int[] labels, int[]? groups = null) =>
        (_options, _start, _features, _labels, _groups) = (options, start, features, labels, groups);

    /// <summary>Trains.</summary>
    /// <param name="device">Where.</param>
    /// <param name="stopAfter">Steps to make of the whole schedule, or null for all.</param>
    /// <param name="validate">F1 at one threshold of a head on validation, or null to run without looking.</param>
    /// <param name="progress">Receives each hundredth of the run.</param>
    /// <param name="cancellationToken">Stops within a step.</param>
    /// <exception cref="LossIsNotFiniteException">The loss is NaN or infinite.</exception>
    public HeadTrainingResult Run(
        Device device, int? stopAfter, Func<LinearHead, double>? validate, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        manual_seed(_options.Seed);
        var prepared = PrepareAll(device);
        var labels = tensor(_labels).to(ScalarType.Int64).to(device);
        var classes = _labels.Max() + 1;
        using var loss = _options.Loss!.Make(Means(prepared, labels, classes, device));
        var start = tensor(_start.Projection, [_start.FeatureDim, _start.EmbeddingDim]).to(device);
        var projection = new Parameter(start.clone());
        var optimiser = Optimiser(projection, loss.Centres);
        var sampler = new BalancedSampler(_labels, _groups, _options.ClassesPerBatch, _options.PicturesPerClass, _options.Seed);
        var steps = (int)Math.Min(_options.MaxSteps, (long)_options.Epochs * sampler.BatchesPerEpoch);
        var every = Math.Max(1, steps / _options.Validations);
        var (history, best, bestF1, bestStep, since) = (new List<LossPoint>(), projection.detach().clone(), double.NegativeInfinity, 0, 0);
        if (validate is not null)
        {
            bestF1 = validate(_start);
            history.Add(new LossPoint(0, double.NaN, bestF1));
        }

        var last = Math.Min(steps, stopAfter ?? steps);
        for (var step = 0; step < last; step++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            SetRates(optimiser, WarmupCosine.Factor(step, steps, _options.WarmupShare));
            var value = Step(sampler.Next(), prepared, labels, projection, start, loss, optimiser, step);
            var isLook = (step + 1) % every == 0 || step + 1 == last;
            if (isLook && validate is not null)
            {
                var f1 = validate(Head(projection));
                history.Add(new LossPoint(step + 1, value, f1));
                since++;
                if (f1 > bestF1)
                {
                    (bestF1, bestStep, since) = (f1, step + 1, 0);
                    best.Dispose();
                    best = projection.detach().clone();
                }
            }
            else if (isLook)
            {
                history.Add(new LossPoint(step + 1, value, null));
            }

            progress?.Report(new TrainingProgress("", step + 1, last, value, validate is null ? null : bestF1));
            if (since >= _options.Patience)
            {
                break;
            }
        }

        return validate is null
            ? new HeadTrainingResult(Head(projection), last, null, history)
            : new HeadTrainingResult(Head(best), bestStep, bestF1, history);
    }

    private double Step(
        int[] rows, Tensor prepared, Tensor labels, Parameter projection, Tensor start, IEmbeddingLoss loss, optim.Optimizer optimiser, int step)
    {
        using var scope = NewDisposeScope();
        var chosen = tensor(rows).to(ScalarType.Int64).to(prepared.device);
        var x = prepared.index_select(0, chosen);
        if (_options.Dropout > 0)
        {
            x = nn.functional.dropout(x, _options.Dropout, training: true);
        }

        var objective = loss.Forward(x.mm(projection), labels.index_select(0, chosen));
        var value = objective.item<float>();
        if (!float.IsFinite(value))
        {
            throw LossIsNotFiniteException.At(step);
        }

        if (_options.HoldAtStart > 0)
        {
            objective += _options.HoldAtStart * (projection - start).square().sum() / start.square().sum();
        }

        optimiser.zero_grad();
        objective.backward();
        optimiser.step();
        return value;
    }

    private optim.Optimizer Optimiser(Parameter projection, Parameter? centres)
    {
        var groups = new List<AdamW.ParamGroup> { new([projection], lr: _options.HeadRate, weight_decay: 0) };
        if (centres is not null)
        {
            groups.Add(new AdamW.ParamGroup([centres], lr: _options.CentreRate, weight_decay: 0));
        }

        return optim.AdamW(groups, lr: _options.HeadRate, weight_decay: 0);
    }

    private void SetRates(optim.Optimizer optimiser, double factor)
    {
        var rate = _options.HeadRate;
        foreach (var group in optimiser.ParamGroups)
        {
            group.LearningRate = rate * factor;
            rate = _options.CentreRate;
        }
    }

    // In blocks: the float32 rows are kept, the temporaries are not.
    private Tensor PrepareAll(Device device)
    {
        const int RowsATime = 8192;
        var n = _features.shape[0];
        var result = empty([n, _start.FeatureDim], dtype: ScalarType.Float32, device: device);
        for (long first = 0; first < n; first += RowsATime)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(RowsATime, n - first);
            result.narrow(0, first, count).copy_(_start.Prepare(_features.narrow(0, first, count)));
        }

        return result;
    }

    private Tensor Means(Tensor prepared, Tensor labels, int classes, Device device)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        const int RowsATime = 8192;
        var projection = tensor(_start.Projection, [_start.FeatureDim, _start.EmbeddingDim]).to(device);
        var sums = zeros([classes, _start.EmbeddingDim], device: device);
        for (long first = 0; first < prepared.shape[0]; first += RowsATime)
        {
            using var block = NewDisposeScope();
            var count = Math.Min(RowsATime, prepared.shape[0] - first);
            sums.index_add_(0, labels.narrow(0, first, count), UnitRows.Of(prepared.narrow(0, first, count).mm(projection)), 1);
        }

        return UnitRows.Of(sums).MoveToOuterDisposeScope();
    }

    private LinearHead Head(Tensor projection)
    {
        using var scope = NewDisposeScope();
        return _start with { Projection = projection.detach().cpu().contiguous().data<float>().ToArray() };
    }
}
