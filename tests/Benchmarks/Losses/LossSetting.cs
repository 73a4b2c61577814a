using System.Globalization;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;
using CpfPipeline.Learning.Torch;

namespace CpfPipeline.Tests.Benchmarks.Losses;

/// <summary>One setting of a loss that tuning tries.</summary>
/// <param name="Words">What is special about it, for the table.</param>
/// <param name="Loss">The loss with its parameters.</param>
/// <param name="HeadRate">Rate of the projection.</param>
/// <param name="CentreRate">Rate of the class centres.</param>
internal sealed record LossSetting(string Words, LossChoice Loss, double HeadRate, double CentreRate)
{
    /// <summary>Settings tried of each loss: the same number for all.</summary>
    public const int Budget = 6;

    private const int TuningEpochs = 10;
    private const int Epochs = 20;

    private static readonly (
        double Head, double Centre)[] Rates = [(3e-4, 1e-3), (1e-3, 1e-3), (1e-3, 1e-2), (3e-3, 1e-3), (3e-3, 1e-2), (1e-2, 1e-2)];
    private static readonly (double Head, double Centre)[] FewRates = [(1e-3, 1e-3), (1e-3, 1e-2), (3e-3, 1e-2)];

    public static IReadOnlyList<LossSetting> Of(string loss) => loss switch
    {
        LossChoice.Cpf =>
        [
            .. FewRates.Select(r => Cpf("shopee", r)), .. FewRates.Select(r => Cpf("steep", r)),
        ],
        LossChoice.ArcFace =>
        [
            .. FewRates.Select(r => new LossSetting("s 16", new LossChoice(loss) { ArcFaceScale = 16 }, r.Head, r.Centre)),
            .. FewRates.Select(r => new LossSetting("s 64", new LossChoice(loss) { ArcFaceScale = 64 }, r.Head, r.Centre)),
        ],

        // No centres: the rate of the head alone.
        LossChoice.MultiSimilarity =>
            [.. new[] { 1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 1e-2 }.Select(r => new LossSetting("", new LossChoice(loss), r, 0))],
        _ => [.. Rates.Select(r => new LossSetting("", new LossChoice(loss), r.Head, r.Centre))],
    };

    /// <summary>For a report.</summary>
    public static string HowTuned { get; } =
        $"Tuning: {Budget} settings a loss, seed 1, {TuningEpochs} epochs; then {Epochs} epochs, at most 400 steps. The best F1 "
            + "at one threshold on the validation classes (hash rule) decides.";

    /// <summary>The best setting of a loss on validation.</summary>
    public static LossSetting Tune(LossData data, string loss, CancellationToken cancellationToken) =>
        Of(loss).MaxBy(setting => setting.Fit(data.OneFold, data.OneFoldBaselines, 1, TuningEpochs, cancellationToken)
            .Candidates.Single(c => c.Name == CandidateName.Trained).ValidationF1)!;

    /// <summary>Heads of this setting.</summary>
    public HeadFitResult Fit(FitSet set, FitBaselines baselines, int seed, CancellationToken cancellationToken) =>
        Fit(set, baselines, seed, Epochs, cancellationToken);

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Loss.Name} {Words} head {HeadRate} centres {CentreRate}");

    private HeadFitResult Fit(FitSet set, FitBaselines baselines, int seed, int epochs, CancellationToken cancellationToken)
    {
        var options = new HeadOptions
        {
            Loss = Loss,
            Seed = seed,
            Epochs = epochs,
            MaxSteps = 400,
            Threads = 1,
            HeadRate = HeadRate,
            CentreRate = CentreRate,
        };
        return new HeadFit(set, baselines, options, TorchDevice.Choose().Device).Run(cancellationToken);
    }

    private static LossSetting Cpf(string preset, (double Head, double Centre) rates) =>
        new(preset, new LossChoice(LossChoice.Cpf) { CpfParameters = CpfParameters.Presets[preset] }, rates.Head, rates.Centre);
}
