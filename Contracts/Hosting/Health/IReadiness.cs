namespace CpfPipeline.Hosting.Health;

/// <summary>Something a service waits for before it can work. Not ready: <c>GET /health</c> answers 503 with the reason.</summary>
public interface IReadiness
{
    /// <summary>Why the service is not ready, in plain words; null when it is.</summary>
    string? WhyNot { get; }

    /// <summary>Whether waiting does not mend it: somebody has to change a file or a setting and start the service again.</summary>
    bool IsStuck => false;
}
