using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Losses;

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

    private static readonly (
        double Head, double Centre)[] Rates = [(3e-4, 1e-3), (1e-3, 1e-3), (1e-3, 1e-2), (3e-3, 1e-3), (3e-3, 1e-2), (1e-2, 1e-2)];
    private static readonly (double Head, double Centre)[] FewRates = [(1e-3, 1e-3), (1e-3, 1e-2), (3e-3, 1e-2)];

    public static IReadOnlyList<LossSetting> Of(string loss) => loss switch
    {
        LossChoice.Cpf =>
        [
            .. FewRates.Select(r => Cpf("shopee", r)), .. FewRates.Select(r => Cpf("default", r)),
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

    public HeadOptions Options(int seed, int epochs, bool crossFit) => new()
    {
        Loss = Loss,
        Seed = seed,
        Epochs = epochs,
        MaxSteps = 400,
        Threads = 1,
        HeadRate = HeadRate,
        CentreRate = CentreRate,
        CrossFitBelow = crossFit ? new HeadOptions().CrossFitBelow : 0,
    };

    private static LossSetting Cpf(string preset, (double Head, double Centre) rates) =>
        new(preset, new LossChoice(LossChoice.Cpf) { CpfParameters = CpfParameters.Presets[preset] }, rates.Head, rates.Centre);
}
