using CpfPipeline.CommandLine;

namespace CpfPipeline.Trainer.Hub;

/// <summary>How the hub is reached.</summary>
/// <param name="Endpoint">Its address.</param>
/// <param name="Token">The access token; null: anonymous. It is sent to the endpoint's own host only.</param>
/// <param name="IsOffline">Whether only what was fetched before is used.</param>
/// <param name="Folder">The folder that keeps fetched files.</param>
internal sealed record HubSettings(Uri Endpoint, string? Token, bool IsOffline, string Folder)
{
    private const string EndpointVariable = "HF_ENDPOINT";
    private const string TokenVariable = "HF_TOKEN";

    /// <summary>Pause before the first repetition of a request that failed; each further one is twice as long.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long nothing may come from the hub before a connection counts as broken.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>As the hub's own tools read the environment: <c>HF_ENDPOINT</c>, <c>HF_TOKEN</c>, <c>HF_HUB_OFFLINE</c>.</summary>
    /// <param name="variable">Reads a variable.</param>
    /// <param name="stateFolder">State folder; null: the temporary one.</param>
    /// <exception cref="UsageException">The endpoint is no address, or the token cannot be one.</exception>
    public static HubSettings Of(Func<string, string?> variable, string? stateFolder)
    {
        var text = variable(EndpointVariable) is { Length: > 0 } given ? given : "https://huggingface.co";
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var endpoint) && endpoint.Scheme is "http" or "https"
            ? new HubSettings(
                endpoint,
                TokenOf(variable(TokenVariable)?.Trim()),
                variable("HF_HUB_OFFLINE")?.Trim().ToLowerInvariant() is "1" or "true" or "yes" or "on",
                Path.Combine(stateFolder ?? Path.Combine(Path.GetTempPath(), "cpf"), "hub"))
            : throw new UsageException($"{EndpointVariable} is \"{text}\", not an address that begins with http:// or https://");
    }

    // The message must not show it.
    private static string? TokenOf(string? text) => text is null or "" ? null
        : text.All(c => c is > ' ' and < '\x7f') ? text
        : throw new UsageException($"{TokenVariable} holds characters that no token has");
}
