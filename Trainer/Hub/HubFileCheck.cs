using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Trainer.Hub;

/// <summary>What a file of the hub must be.</summary>
/// <param name="Hash">SHA-256 in hex of a large file, or git's SHA-1 of a small one.</param>
/// <param name="Size">Bytes; null: unknown.</param>
internal sealed record HubFileCheck(string Hash, long? Size)
{
    private const int Sha256Digits = 64;
    private const int GitDigits = 40;

    /// <summary>From the header of an answer, with its quotes.</summary>
    /// <returns>Null: it names no hash.</returns>
    public static HubFileCheck? Of(string? tag, long? size)
    {
        var hash = tag?.Trim().TrimStart('W', '/').Trim('"').ToLowerInvariant();
        return hash is { Length: Sha256Digits or GitDigits } && hash.All(char.IsAsciiHexDigit) ? new HubFileCheck(hash, size) : null;
    }

    /// <summary>Whether a file is the one.</summary>
    public async Task<bool> HoldsForAsync(string path, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(path);
        if (Size is { } size && file.Length != size)
        {
            return false;
        }

        using var hash = IncrementalHash.CreateHash(Hash.Length == Sha256Digits ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        if (Hash.Length == GitDigits)
        {
            hash.AppendData(Encoding.ASCII.GetBytes(FormattableString.Invariant($"blob {file.Length}\0")));
        }

        var buffer = new byte[1 << 20];
        for (int read; (read = await file.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            hash.AppendData(buffer, 0, read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == Hash;
    }
}
