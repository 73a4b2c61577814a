using CpfPipeline.Data.Access;
using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>The key of the tests, with all roles: every test database has it.</summary>
internal static class TestKey
{
    public const string Name = "test";

    /// <summary>Its text.</summary>
    public static string Text => Made.Reveal();

    private static ApiKeyText Made { get; } = ApiKeyText.Make();

    /// <summary>Puts it into a database.</summary>
    public static async Task AddToAsync(string connectionString)
    {
        await using var database = new TestDatabase(connectionString);
        await new ApiKeyRegister(database.DataSource, Name).AddAsync(new NewApiKey(Name, AccessRole.All, []), Made, CancellationToken.None);
    }

    /// <summary>Makes another key.</summary>
    /// <returns>Its text.</returns>
    public static async Task<string> MakeAsync(
        TestDatabase database, string name, IReadOnlyList<string> roles, IReadOnlyList<string>? sources = null,
        DateTimeOffset? expiresAt = null, bool globalKeys = false)
    {
        var text = ApiKeyText.Make();
        var key = new NewApiKey(name, roles, sources ?? [], expiresAt);
        key = globalKeys ? key with { GlobalKeys = true } : key;
        if (!await new ApiKeyRegister(database.DataSource, Name).AddAsync(key, text, CancellationToken.None))
        {
            throw new InvalidOperationException($"There is a key {name}.");
        }

        return text.Reveal();
    }

    /// <summary>A client that sends a key with every request: that of the tests unless told otherwise.</summary>
    public static HttpClient Client(Uri address, HttpMessageHandler? handler = null, string? key = null)
    {
        var client = new HttpClient(handler ?? new HttpClientHandler()) { BaseAddress = address };
        client.DefaultRequestHeaders.Add(ApiKeyHeader.Name, key ?? Text);
        return client;
    }
}
