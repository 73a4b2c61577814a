using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Hosting.Operators;

/// <summary>The operator's secret; an empty one matches nothing.</summary>
/// <param name="token">The secret.</param>
/// <param name="setting">Name of the setting, for the message that it is missing: <c>Ingest:OperatorToken</c>.</param>
public sealed class OperatorToken(string token, string setting)
{
    private readonly byte[] _expected = Hash(token);

    /// <summary>Whether there is a secret.</summary>
    public bool IsSet { get; } = token.Length > 0;

    /// <summary>Where it is set.</summary>
    public string Setting { get; } = setting;

    /// <summary>
    /// Whether the given text is the secret. Hashes are compared. They all have one length, so the time reveals nothing about the token.
    /// </summary>
    public bool Matches(string? given) => IsSet && given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _expected);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
