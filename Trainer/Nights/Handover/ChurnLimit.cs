using System.Globalization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Handover;

/// <summary>How much an unattended night may change.</summary>
internal static class ChurnLimit
{
    /// <summary>
    /// Why a model is refused because of how much it would change; null when it is not. A model that a person named is never refused, and
    /// neither is the first that learned from the catalogue: the one before it knew nothing of it, and the gate has found it better.
    /// </summary>
    /// <param name="kind"><see cref="TrainingRunKind"/>.</param>
    /// <param name="activeKind">How the active model was made, as <c>cpf.model_history</c> says.</param>
    /// <param name="churn">Share of the contents in groups whose companions differ.</param>
    /// <param name="limit">The most there may be.</param>
    public static string? Refusal(string kind, string activeKind, double churn, double limit) =>
        kind != TrainingRunKind.Activation && activeKind != ModelKind.Initial && churn > limit
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"refused by the limit on churn: {churn:P1} of the contents in groups would have other companions, the limit is "
            + $"{limit:P1} (Trainer:MaxChurn); cpf.model_changes lists them")
        : null;
}
