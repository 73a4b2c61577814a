using CpfPipeline.Data.Models;

namespace CpfPipeline.Trainer.Setup;

/// <summary>What the Trainer has to do about a model at its start.</summary>
internal enum ModelChoice
{
    /// <summary>Nothing: a model is active, and on the configured backbone if one is configured.</summary>
    Keep,

    /// <summary>Make the first model: there is nothing it could disturb.</summary>
    First,

    /// <summary>Make a model on the configured backbone and hand over to it as a night does.</summary>
    HandOver,
}

/// <summary>The rule for <see cref="ModelChoice"/>.</summary>
internal static class ModelChoices
{
    /// <param name="active">The active model, or null.</param>
    /// <param name="configuredBackbone">SHA-256 of the configured backbone, or null when none is configured.</param>
    public static ModelChoice Of(ServingModel? active, byte[]? configuredBackbone) =>
        active is null ? ModelChoice.First
        : configuredBackbone is null || configuredBackbone.AsSpan().SequenceEqual(active.BackboneSha256) ? ModelChoice.Keep
        : ModelChoice.HandOver;
}
