using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Hosting.Operators;

/// <summary>The operator's secret; an empty one matches nothing.</summary>
/// <param name="token">The secret.</param>
/// <param name="setting">Where it is set, for who finds that it is not: <c>Ingest:OperatorToken</c>.</param>
public sealed class OperatorToken(string token, string setting)
{
    private readonly byte[] _expected = Hash(token);

    /// <summary>Whether there is a secret.</summary>
    public bool IsSet { get; } = token.Length > 0;

    /// <summary>Where it is set.</summary>
    public string Setting { get; } = setting;

    /// <summary>Whether somebody knows the secret. Hashes have one length, so that the comparison tells nothing about the token's.</summary>
    public bool Matches(string? given) => IsSet && given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _expected);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
