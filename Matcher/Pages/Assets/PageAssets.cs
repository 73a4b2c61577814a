using System.Collections.Frozen;
using System.Security.Cryptography;
using CpfPipeline.Hosting.Access.Roles;
using Microsoft.Net.Http.Headers;

namespace CpfPipeline.Matcher.Pages.Assets;

/// <summary>The pages' style sheet, scripts and icon: files of this folder, carried in the assembly.</summary>
internal static class PageAssets
{
    private static readonly FrozenDictionary<string, Asset> Known =
        new[]
        {
            Load("pages.css", "text/css"), Load("pages.js", "text/javascript"), Load("review.js", "text/javascript"),
            Load("find.js", "text/javascript"), Load("icon.svg", "image/svg+xml"),
        }.ToFrozenDictionary(a => a.Name, StringComparer.Ordinal);

    /// <summary>Where a browser finds the file. The address changes with its contents, so a browser may keep what it has.</summary>
    public static string Address(string name) => $"/assets/{name}?v={Known[name].Version}";

    public static void MapPageAssets(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{name}", (string name, HttpContext http) => Find(name, http)).ForAnybody().ExcludeFromDescription();

    private static IResult Find(string name, HttpContext http)
    {
        if (!Known.TryGetValue(name, out var asset))
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = http.Request.Query["v"] == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        http.Response.Headers.XContentTypeOptions = "nosniff";
        return Results.Bytes(asset.Bytes, $"{asset.Type}; charset=utf-8", entityTag: new EntityTagHeaderValue($"\"{asset.Version}\""));
    }

    private static Asset Load(string name, string type)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return new Asset(name, type, memory.ToArray());
    }

    private sealed record Asset(string Name, string Type, byte[] Bytes)
    {
        public string Version { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes))[..12];
    }
}
