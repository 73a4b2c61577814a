using System.Text.Json;
using CpfPipeline.Cli.Installations;

namespace CpfPipeline.Cli.Addresses;

/// <summary>Where an installation answers, and what opens it.</summary>
internal static class InstallationAddresses
{
    /// <summary>Path of the gallery in the Matcher.</summary>
    public const string GalleryPath = "/gallery";

    /// <summary>Path of the jobs in the Trainer.</summary>
    public const string JobsPath = "/hangfire";

    // Addresses stay readable: no ampersand or plus sign is escaped.
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Page by page for a browser.</summary>
    public static Uri Gallery(Installation installation) => new(installation.Url("Matcher"), GalleryPath);

    /// <summary>Every address by its name, secrets in it, in the order in which they are shown.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(Installation installation) =>
    [
        new("gallery", Gallery(installation).ToString()),
        .. Service.All.Where(s => installation.State.Ports.ContainsKey(s.Key))
            .Select(s => new KeyValuePair<string, string>($"http {s.Name}", installation.Url(s).ToString())),
        .. installation.State.LocalKey is { } key ? [new("http header", $"Authorization: Bearer {key}")]
            : Array.Empty<KeyValuePair<string, string>>(),
        new("amqp", installation.RabbitMq),
        .. Sql(installation),
    ];

    // A server of the user's own has logins of theirs. That of the owner is none to hand on.
    private static IEnumerable<KeyValuePair<string, string>> Sql(Installation installation)
    {
        if (installation.ReaderUri is { } reader)
        {
            yield return new("sql cpf_reader", reader);
        }

        if (installation.PostgresService != installation.PostgresOwner)
        {
            yield return new("sql cpf_service", installation.PostgresService);
        }
    }

    /// <summary>The same as JSON.</summary>
    public static string ToJson(Installation installation) => JsonSerializer.Serialize(
        Of(installation).ToDictionary(a => a.Key.Replace(' ', '_').ToLowerInvariant(), a => a.Value), Json);
}
