using CpfPipeline.Hosting.Health;

namespace CpfPipeline.Embedder.Serving;

/// <summary>
/// Not ready while a registered model is not loaded. Without any model the service is ready: pictures wait in their queue.
/// </summary>
internal sealed class ServingReadiness(ServingModels serving) : IReadiness
{
    public string? WhyNot => serving.WhyEmpty;
}
