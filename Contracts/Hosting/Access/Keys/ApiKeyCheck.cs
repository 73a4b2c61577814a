using System.Security.Cryptography;
using CpfPipeline.Data.Access;

namespace CpfPipeline.Hosting.Access.Keys;

/// <summary>Tells whether a text is a key that opens something now.</summary>
public sealed class ApiKeyCheck(ApiKeyCache keys, TimeProvider time)
{
    // An unknown id is compared with it.
    private static readonly byte[] Nobody = RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes);

    /// <summary>The key; null when the text opens nothing.</summary>
    public async ValueTask<ApiKey?> FindAsync(ApiKeyText text, CancellationToken cancellationToken)
    {
        var key = await keys.FindAsync(text.KeyId, cancellationToken);
        var now = time.GetUtcNow();
        if (!Opens(key, text, now) || !key!.IsValidAt(now))
        {
            return null;
        }

        await keys.NoteUseAsync(key, cancellationToken);
        return key;
    }

    private static bool Opens(ApiKey? key, ApiKeyText text, DateTimeOffset now)
    {
        var given = text.Sha256();
        var isCurrent = CryptographicOperations.FixedTimeEquals(given, key?.SecretSha256 ?? Nobody);
        var isFormer = CryptographicOperations.FixedTimeEquals(given, key?.FormerSha256 ?? Nobody);
        return isCurrent | (isFormer & (now < key?.FormerUntil));
    }
}
