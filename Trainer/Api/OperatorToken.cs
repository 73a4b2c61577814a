using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Trainer.Api;

/// <summary>The operator's secret; an empty one matches nothing.</summary>
internal sealed class OperatorToken(string token)
{
    private readonly byte[] _expected = Hash(token);

    public bool IsSet { get; } = token.Length > 0;

    // Hashes have one length, so the comparison tells nothing about the token's.
    public bool Matches(string? given) => IsSet && given is not null && CryptographicOperations.FixedTimeEquals(Hash(given), _expected);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
