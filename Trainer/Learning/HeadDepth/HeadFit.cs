using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>
/// Depth <c>head</c>: fits candidates (frozen features, PCA, discriminant, trained) fold by fold, gives each its one threshold from classes
/// it did not see, fits them to everything once each class has validated, and names the best on those classes among themselves. Depth
/// <c>full</c> adds one more candidate.
/// </summary>
/// <remarks>
/// A candidate is measured as it would serve: through its ONNX file, on halves. The threshold of a cross-fitted head comes from heads
/// fitted to about three quarters of the classes; the last head sees all of them. Nothing is ever chosen on the test
/// split.
/// </remarks>
public sealed class HeadFit
{
    // Looking at validation must not take longer than training.
    private const int MaxMeasuredRows = 4_000;

    private readonly FitSet _set;
    private readonly FitBaselines _baselines;
    private readonly HeadOptions _options;
    private readonly CalibrationTarget _target;
    private readonly Device _device;
    private readonly LinearHead? _given;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly HeadCheckpoint? _checkpoint;
    private readonly string _name;

    /// <param name="set">Features, classes, folds.</param>
    /// <param name="baselines">Of the same set; share it between fits.</param>
    /// <param name="options">Validated.</param>
    /// <param name="device">Where training runs.</param>
    /// <param name="given">
    /// A head that came with the features (depth <c>full</c>) and stands for the discriminant as one more start; or null.
    /// </param>
    /// <param name="progress">Receives what is being done.</param>
    /// <param name="checkpoint">Where trainings are kept and resumed from, or null.</param>
    /// <param name="name">Of this fit among those that share the checkpoint.</param>
    public HeadFit(
        FitSet set, FitBaselines baselines, HeadOptions options, Device device, LinearHead? given = null,
        IProgress<TrainingProgress>? progress = null,
        HeadCheckpoint? checkpoint = null, string name = "")
    {
        (_set, _baselines, _options, _target, _device, _given) = (set, baselines, options, baselines.Target, device, given);
        (_progress, _checkpoint, _name) = (progress, checkpoint, name);
    }

    /// <exception cref="LossIsNotFiniteException">The loss is NaN or infinite.</exception>
    /// <exception cref="TooLittleDataException">No validation class has a pair.</exception>
    /// <exception cref="IOException">A training cannot be kept.</exception>
    public HeadFitResult Run(CancellationToken cancellationToken)
    {
        set_num_threads(_options.Threads);
        var parts = new Dictionary<string, List<FoldFigures>[]>();
        var (steps, history) = (new List<int>(), (IReadOnlyList<Losses.LossPoint>)[]);
        var heads = new Dictionary<string, LinearHead>();
        for (var fold = 0; fold < _set.FoldCount; fold++)
        {
            var rows = _set.TrainRows(fold);
            if (rows.Length == 0 || !_set.Folds.Contains(fold))
            {
                continue;
            }

            var stage = _set.IsCrossFit ? $"fold {fold + 1} of {_set.FoldCount + 1}" : "training";
            foreach (var (name, measured) in Starts(fold, cancellationToken))
            {
                heads[name] = measured.Head;
                Add(name, measured.Parts);
            }

            if (_options.Loss is not null)
            {
                var look = Look(fold);
                var run = Train(rows, heads[StartName], stage, null, head => look(head, cancellationToken), cancellationToken);
                heads[CandidateName.Trained] = run.Head;
                steps.Add(run.Step);
                history = history.Count == 0 ? run.History : history;
                Add(CandidateName.Trained, _baselines.Measure(run.Head, fold, cancellationToken));
            }
        }

        if (parts.Count == 0)
        {
            throw new LabelledSets.TooLittleDataException("no class with usable pictures is left to train on while others validate");
        }

        var thresholds = parts.ToDictionary(
            p => p.Key,
            p => (Calibration: PooledCalibration.Choose([.. p.Value.Select(s => s.Select(f => f.InCatalogue).ToList())], _target),
                Alone: PooledCalibration.Choose([.. p.Value.Select(s => s.Select(f => f.Alone).ToList())], CalibrationTarget.MaxF1).F1));
        var last = 0;
        if (steps.Count > 0)
        {
            last = (int)Math.Round(steps.Average());
        }

        if (_set.IsCrossFit)
        {
            var all = _set.TrainRows(null);
            heads = Starts(null, cancellationToken).ToDictionary(h => h.Name, h => h.Measured.Head);
            if (_options.Loss is not null)
            {
                var name = $"fold {_set.FoldCount + 1} of {_set.FoldCount + 1}";
                heads[CandidateName.Trained] = last == 0
                    ? heads[StartName]
                    : Train(all, heads[StartName], name, last, null, cancellationToken).Head;
            }
        }

        var candidates = thresholds.Select(t => new FittedHead(t.Key, heads[t.Key], t.Value.Calibration, t.Value.Alone))
            .OrderByDescending(c => c.ValidationF1).ToList();

        // Of equals the trained one wins. It is the same head as its start when no step of training improved on it.
        var best = candidates[0];
        best = candidates.FirstOrDefault(c => c.Name == CandidateName.Trained && c.ValidationF1 == best.ValidationF1) ?? best;
        return new HeadFitResult(best, candidates, _set.FoldCount, last, history);

        void Add(string name, IReadOnlyList<FoldFigures?> measured)
        {
            var known = parts.TryGetValue(name, out var there)
                ? there
                : parts[name] = [.. Enumerable.Range(0, _set.GroupCount).Select(_ => new List<FoldFigures>())];
            for (var group = 0; group < known.Length; group++)
            {
                if (measured[group] is { } part)
                {
                    known[group].Add(part);
                }
            }
        }
    }

    private string StartName => _given is null ? CandidateName.Discriminant : CandidateName.Full;

    private List<(string Name, MeasuredHead Measured)> Starts(int? fold, CancellationToken cancellationToken)
    {
        var result = _baselines.Of(fold, _options, cancellationToken).ToList();
        if (_given is not null)
        {
            result.Add(
                (CandidateName.Full, new MeasuredHead(_given, fold is { } f ? _baselines.Measure(_given, f, cancellationToken) : [])));
        }

        return result;
    }

    private HeadTrainingResult Train(
        int[] rows, LinearHead start, string stage, int? stopAfter, Func<LinearHead, double>? validate, CancellationToken cancellationToken)
    {
        var name = $"{_name}{stage}";
        if (_checkpoint?.Finished(name) is { } finished)
        {
            return finished;
        }

        using var scope = NewDisposeScope();
        var training = new HeadTraining(
            _options, start, _set.Rows(rows), _set.Relabel(rows), _set.GroupCount > 1 ? [.. rows.Select(i => _set.Groups[i])] : null,
            _set.RelationsOf(rows));
        var result = training.Run(
            _device, stopAfter, validate, _progress is null ? null : new Staged(_progress, stage), cancellationToken, _checkpoint, name);
        _checkpoint?.Finish(name, result);
        return result;
    }

    // F1 at one threshold on the fold's classes, or on so many of them as can be looked at often.
    private Func<LinearHead, CancellationToken, double> Look(int fold)
    {
        var groups = Enumerable.Range(0, _set.GroupCount).Select(group => Enumerable.Range(0, _set.Classes.Length)
            .Where(i => _set.Groups[i] == group && _set.Folds[i] == fold)
            .GroupBy(i => _set.Classes[i]).OrderByDescending(g => g.Skip(1).Any()).ThenBy(g => g.Key)
            .SelectMany(g => g).Take(MaxMeasuredRows).ToArray()).Where(rows => rows.Length > 0).ToList();
        return (head, cancellationToken) =>
        {
            using var session = new HeadSession(HeadFile.Load(head.ToOnnx("a candidate"), "a candidate"), new SessionSettings());
            var measured = groups.Select(rows => FitEmbeddings.Of(session, _set, rows, i => _set.Classes[i], cancellationToken))
                .Where(s => s.PositivePairs > 0)
                .Select(s => (IReadOnlyList<MeasuredPart>)
                    [MeasuredPart.Of(s, s.Members.Count / 2.0, false, _options.Seed, cancellationToken)])
                .ToList();
            return measured.Count == 0 ? 0 : PooledCalibration.Choose(measured, CalibrationTarget.MaxF1).F1;
        };
    }

    private sealed class Staged(IProgress<TrainingProgress> progress, string stage) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(value with { Stage = stage });
    }
}
