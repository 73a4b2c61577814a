using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Access.Keys;

/// <summary>Where a request carries a key: <c>Authorization: Bearer cpf_...</c>, or <c>X-Api-Key: cpf_...</c>.</summary>
public static class ApiKeyHeader
{
    /// <summary>The other header, for programs that keep the first for something else.</summary>
    public const string Name = "X-Api-Key";

    private const string Bearer = "Bearer ";

    /// <summary>What the headers carry, valid or not; null when they carry nothing.</summary>
    public static string? Read(HttpRequest request) => request.Headers.ContainsKey(Name)
        ? request.Headers[Name].ToString()
        : BearerOf(request) ?? (request.Headers.Authorization.Count > 0 ? request.Headers.Authorization.ToString() : null);

    /// <summary>What follows <c>Bearer</c>; null when nothing does.</summary>
    public static string? BearerOf(HttpRequest request) =>
        request.Headers.Authorization.ToString() is var header && header.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase)
            ? header[Bearer.Length..].Trim() : null;
}
