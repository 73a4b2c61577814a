using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CpfPipeline.Data.Access;

/// <summary>
/// The text of a key, as its owner keeps it: <c>cpf_</c>, its public id, <c>_</c>, and its secret of 256 random bits in hex.
/// </summary>
/// <param name="KeyId">Public: finds the key.</param>
/// <param name="Secret">Opens it.</param>
public sealed partial record ApiKeyText(string KeyId, string Secret)
{
    /// <summary>What every key begins with, so that scanners of texts can tell one.</summary>
    public const string Prefix = "cpf_";

    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    /// <summary>A new key.</summary>
    public static ApiKeyText Make() => new(
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(IdBytes)),
        Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SecretBytes)));

    /// <summary>A key from its text; null when it is none.</summary>
    public static ApiKeyText? TryParse(string? text) =>
        text is not null && Form().Match(text) is { Success: true } match ? new(match.Groups[1].Value, match.Groups[2].Value) : null;

    /// <summary>What is kept of the secret. It is random and long, so nobody can try all of them, and a fast hash will do.</summary>
    public byte[] Sha256() => SHA256.HashData(Encoding.ASCII.GetBytes(Secret));

    /// <summary>The secret text itself, to be shown once and sent with requests.</summary>
    public string Reveal() => $"{Prefix}{KeyId}_{Secret}";

    /// <summary>The public part only, so that no log shows the secret by accident.</summary>
    public override string ToString() => $"{Prefix}{KeyId}_...";

    [GeneratedRegex("\\Acpf_([a-z0-9]{12})_([0-9a-f]{64})\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
