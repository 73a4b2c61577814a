using System.Security.Cryptography;

namespace CpfPipeline.Cli.Installations;

/// <summary>
/// What is chosen once for a checkout and kept: ports and secrets. Stored as <c>state.json</c>, readable by its owner only.
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

    private static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(20));
}
