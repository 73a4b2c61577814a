using System.Security.Cryptography;

namespace CpfPipeline.Cli.Installations;

/// <summary>
/// What is chosen once for a checkout and kept: ports, secrets, how many processes. Stored as <c>state.json</c>, readable by its owner
/// only.
/// </summary>
internal sealed class InstallationState
{
    /// <summary>Port by component; see <see cref="Component"/>.</summary>
    public Dictionary<string, int> Ports { get; init; } = [];

    public string PostgresPassword { get; init; } = NewSecret();

    public string OwnerPassword { get; init; } = NewSecret();

    public string ServicePassword { get; init; } = NewSecret();

    public string ReaderPassword { get; init; } = NewSecret();

    public string RabbitMqPassword { get; init; } = NewSecret();

    /// <summary>The key with which this command asks the services; null: none was made yet.</summary>
    public string? LocalKey { get; set; }

    /// <summary>Processes of Ingest, of the Embedder and of the Matcher.</summary>
    public int Each { get; set; } = 1;

    /// <summary>Processes that do nothing but compute tiles of large joins.</summary>
    public int Joiners { get; set; }

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
}
