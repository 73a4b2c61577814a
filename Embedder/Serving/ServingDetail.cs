using CpfPipeline.Hosting.Health;

namespace CpfPipeline.Embedder.Serving;

/// <summary>A fact about the serving models for <c>/health</c>.</summary>
internal sealed class ServingDetail(string name, ServingModels serving, Func<ServingModels, object?> read) : IHealthDetail
{
    public string Name => name;

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(read(serving));

    /// <summary><c>execution_provider</c> (CPU, CUDA or TENSORRT), <c>why_not_gpu</c>, <c>devices</c> and <c>models</c>.</summary>
    public static void AddAll(IServiceCollection services)
    {
        Add(services, "execution_provider", s => s.Provider?.Name.ToUpperInvariant());
        Add(services, "why_not_gpu", s => s.Provider?.WhyNotGpu);
        Add(services, "devices", s => s.Devices);
        Add(services, "models", s => s.Current.Count == 0
            ? "no model"
            : s.Current.Select(m => new { m.ModelId, m.HeadId, m.State, m.Threshold }));
    }

    private static void Add(IServiceCollection services, string name, Func<ServingModels, object?> read) =>
        services.AddSingleton<IHealthDetail>(s => new ServingDetail(name, s.GetRequiredService<ServingModels>(), read));
}
