namespace CpfPipeline.Hosting.Health;

/// <summary>A fact a service shows under <c>details</c> of <c>GET /health</c>.</summary>
public interface IHealthDetail
{
    /// <summary>Key, in snake_case.</summary>
    string Name { get; }

    /// <summary>The value as of now; null when unknown.</summary>
    ValueTask<object?> GetAsync(CancellationToken cancellationToken);
}
