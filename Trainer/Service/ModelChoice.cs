using CpfPipeline.Data;

namespace CpfPipeline.Trainer.Service;

/// <summary>Whether a model has to be made at start.</summary>
internal static class ModelChoice
{
    /// <param name="active">The active model, or null.</param>
    /// <param name="configuredBackbone">SHA-256 of the configured backbone, or null when none is configured.</param>
    public static bool IsNeeded(ServingModel? active, byte[]? configuredBackbone) =>
        active is null || (configuredBackbone is not null && !configuredBackbone.AsSpan().SequenceEqual(active.BackboneSha256));
}
