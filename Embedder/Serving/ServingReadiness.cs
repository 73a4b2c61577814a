using CpfPipeline.Hosting.Health;

namespace CpfPipeline.Embedder.Serving;

/// <summary>Not ready before a model is loaded.</summary>
internal sealed class ServingReadiness(ServingModels serving) : IReadiness
{
    public string? WhyNot => serving.Current.Count > 0 ? null : "no model: the Trainer registers the first one when it starts";
}
