using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Vision.Decoders;

namespace CpfPipeline.Trainer.Offline;

/// <summary>What an offline verb works with.</summary>
/// <param name="Output">Takes results.</param>
/// <param name="Error">Takes everything else.</param>
/// <param name="Time">Clock.</param>
/// <param name="StateFolder">Where what may be of use to later runs is kept; null: nowhere.</param>
internal sealed record OfflineConsole(TextWriter Output, TextWriter Error, TimeProvider Time, string? StateFolder = null)
{
    /// <summary>Folder of features that are kept between runs; null: none are.</summary>
    public string? FeatureFolder(int maxMegabytes) =>
        StateFolder is { } folder && maxMegabytes > 0 ? Path.Combine(folder, "features") : null;

    /// <summary>Processes that decode pictures. The caller ends them.</summary>
    public DecoderPool OpenDecoders() => TrainerDecoders.Open(Time);
}
