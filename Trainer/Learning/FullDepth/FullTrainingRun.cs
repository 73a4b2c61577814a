using CpfPipeline.Learning.Autograd;
using CpfPipeline.Learning.Checkpoints;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>The steps of one run: makes a start or takes it from a checkpoint, trains, looks at validation, keeps the best.</summary>
internal sealed class FullTrainingRun : IDisposable
{
    // Long enough for running statistics of momentum 0.9 to forget where they began (0.9^30 = 0.04).
    private const int StatisticsSteps = 30;
    private const int StepsPerPoint = 50;

    private readonly ProjectedBackbone _net;
    private readonly Func<BatchPlan> _plan;
    private readonly DecodedPictures _pictures;
    private readonly TrainingValidation _validation;
    private readonly InputSpec _input;
    private readonly FullTrainingOptions _options;
    private readonly ResumableAdamW _optimiser = new();
    private readonly IEmbeddingLoss _loss;
    private readonly int _stepsPerValidation;
    private readonly int _steps;

    /// <param name="net">Begins with the backbone's weights; its projection is set here.</param>
    /// <param name="plan">Makes the plan, at its first step.</param>
    /// <param name="pictures">By the plan's indices.</param>
    /// <param name="validation">Chooses weights.</param>
    /// <param name="input">What the backbone wants.</param>
    /// <param name="options">Checked.</param>
    public FullTrainingRun(
        ProjectedBackbone net, Func<BatchPlan> plan, DecodedPictures pictures, TrainingValidation validation, InputSpec input, FullTrainingOptions options)
    {
        (_net, _plan, _pictures, _validation, _input, _options) = (net, plan, pictures, validation, input, options);
        var first = plan();
        _steps = checked(options.Epochs * first.StepsPerEpoch);
        _stepsPerValidation = options.EpochsPerValidation * first.StepsPerEpoch;
        using var scope = NewDisposeScope();
        _loss = options.Loss.Make(zeros(first.ClassCount, net.Projection.shape[1], device: net.Module.Device));
        foreach (var (_, value) in net.Module.Parameters)
        {
            // Biases and scales of normalisations are what decay must not pull to zero.
            _optimiser.Add(value, options.BackboneRate, value.dim() > 1 ? options.WeightDecay : 0);
        }

        _optimiser.Add(net.Projection, options.ProjectionRate, options.WeightDecay);
        if (_loss.Centres is { } centres)
        {
            _optimiser.Add(centres, options.CentreRate, 0);
        }
    }

    /// <summary>Trains to the end, from the checkpoint if there is one. The net is left with its last weights, not the best.</summary>
    public FullTrainingState Train(
        FullCheckpoint? checkpoint, IProgress<TrainingProgress>? progress, Action<string>? notice, TimeProvider time, CancellationToken cancellationToken)
    {
        string? refusal = null;
        var state = checkpoint?.Read(out refusal);
        if (refusal is not null)
        {
            notice?.Invoke(CheckpointFile.Unused(refusal));
        }

        if (state is null)
        {
            progress?.Report(new TrainingProgress("initialising", 0, _steps));
            Start(cancellationToken);
            state = new FullTrainingState();
        }
        else
        {
            TensorValues.Write(All, state.Present);
            notice?.Invoke($"going on from step {state.Step} of {_steps}");
        }

        if (IsOver(state))
        {
            return state;
        }

        using var batches = new BatchQueue(_plan(), _pictures, _options, _input, state.Step, _steps);
        var kept = time.GetTimestamp();
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var isDue = state.Step % _stepsPerValidation == 0 || state.Step == _steps;
                if (isDue && state.ValidatedAt < state.Step)
                {
                    Validate(state, progress, cancellationToken);
                }

                if (isDue || time.GetElapsedTime(kept) > _options.CheckpointInterval)
                {
                    Keep(checkpoint, state);
                    kept = time.GetTimestamp();
                }

                if (IsOver(state))
                {
                    return state;
                }

                Advance(state, batches.Next(cancellationToken), progress);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            Keep(checkpoint, state);
            throw;
        }
    }

    public void Dispose()
    {
        _optimiser.Dispose();
        _loss.Dispose();
    }

    private IEnumerable<Tensor> All => _net.Tensors.Concat(_loss.Centres is { } centres ? [centres] : []).Concat(_optimiser.Moments);

    private bool IsOver(FullTrainingState state) =>
        state.ValidatedAt == state.Step && (state.Step == _steps || state.Stale >= _options.Patience);

    private void Start(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        if (_options.BatchNorm == BatchNormMode.Training)
        {
            // Features of new weights mean nothing before their statistics do.
            _net.Module.Train();
            using var batches = new BatchQueue(_plan(), _pictures, _options, _input, 0, StatisticsSteps);
            for (var i = 0; i < StatisticsSteps; i++)
            {
                using var step = NewDisposeScope();
                _net.Features(_net.Pixels(batches.Next(cancellationToken).Pixels));
            }
        }

        var plan = _plan();
        var features = _net.FeaturesOf(_pictures, plan.Pictures, cancellationToken);
        if (!features.isfinite().all().item<bool>())
        {
            throw LossIsNotFiniteException.At(0);
        }

        _net.Projection.copy_(ProjectionStart.Pca(features, (int)_net.Projection.shape[1], _options.Seed));
        _loss.Centres?.copy_(ProjectionStart.Centres(_net.Project(features), plan.Labels, plan.ClassCount, _options.Seed));
    }

    private void Advance(FullTrainingState state, TrainingBatch batch, IProgress<TrainingProgress>? progress)
    {
        var loss = Step(batch, state.Step);
        state.Step++;
        state.LossSum += loss;
        state.LossCount++;
        progress?.Report(new TrainingProgress("training", state.Step, _steps, state.LossSum / state.LossCount, state.ValidatedAt < 0 ? null : state.BestF1));
        if (state.LossCount == StepsPerPoint && state.Step % _stepsPerValidation != 0)
        {
            AddPoint(state, null);
        }
    }

    /// <returns>The loss before the step.</returns>
    private double Step(TrainingBatch batch, int step)
    {
        using var scope = NewDisposeScope();
        _net.Module.Train();
        var value = ScalarLifetime.Again(() =>
        {
            using var inner = NewDisposeScope();
            _optimiser.ZeroGradients();
            var embeddings = _net.Project(_net.Features(_net.Pixels(batch.Pixels)));
            using var loss = _loss.Forward(embeddings, tensor(batch.Labels).to(_net.Module.Device));
            var reached = (double)loss.item<float>();
            if (!double.IsFinite(reached))
            {
                throw LossIsNotFiniteException.At(step);
            }

            loss.backward();
            return reached;
        });
        if (_options.GradientNorm > 0)
        {
            var norm = nn.utils.clip_grad_norm_(Learnt, _options.GradientNorm);
            if (!double.IsFinite(norm))
            {
                throw LossIsNotFiniteException.At(step);
            }
        }

        _optimiser.Step(step, WarmupCosine.Factor(step, _steps, _options.WarmupShare));
        return value;
    }

    // Without the centres: how many there are must not decide how far the backbone goes.
    private IEnumerable<Parameter> Learnt => _net.Module.Parameters.Select(p => p.Value).Append(_net.Projection);

    private void Validate(FullTrainingState state, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var f1 = _validation.Measure(_net, state.Step, cancellationToken);
        state.ValidatedAt = state.Step;
        state.Stale++;
        if (f1 > state.BestF1)
        {
            (state.BestF1, state.BestStep, state.Stale) = (f1, state.Step, 0);
            state.Best = TensorValues.Read(_net.Tensors);
        }

        var loss = state.LossCount > 0 ? state.LossSum / state.LossCount : (double?)null;
        AddPoint(state, f1);
        progress?.Report(new TrainingProgress("validated", state.Step, _steps, loss, f1));
    }

    private static void AddPoint(FullTrainingState state, double? f1)
    {
        if (state.LossCount > 0)
        {
            state.History.Add(new LossPoint(state.Step, state.LossSum / state.LossCount, f1));
        }

        (state.LossSum, state.LossCount) = (0, 0);
    }

    private void Keep(FullCheckpoint? checkpoint, FullTrainingState state)
    {
        if (checkpoint is not null)
        {
            state.Present = TensorValues.Read(All);
            checkpoint.Write(state);
        }
    }
}
