using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Cli.BlobCopies;

/// <summary>Copies blobs from one store to another. One that is there is not sent again.</summary>
/// <param name="from">Where from.</param>
/// <param name="to">Where to.</param>
internal sealed class BlobTransfer(IBlobStore from, IBlobStore to)
{
    /// <summary>Blobs that are copied at the same time: a bucket answers slowly, and many at once.</summary>
    public const int Parallelism = 8;

    /// <summary>Copies one, and sees that it is the one it is named by.</summary>
    /// <returns>Its length; null when the first store does not have it, or has other bytes under its name.</returns>
    /// <exception cref="IOException">A store is away or broken.</exception>
    public async Task<long?> CopyAsync(string sha256, CancellationToken cancellationToken)
    {
        var hash = Convert.FromHexString(sha256);
        byte[] bytes;
        await using (var source = await from.OpenAsync(hash, rendition: null, cancellationToken))
        {
            if (source is null)
            {
                return null;
            }

            bytes = new byte[source.Length];
            try
            {
                await source.ReadExactlyAsync(bytes, cancellationToken);
            }
            catch (Exception e) when (e is FileNotFoundException or EndOfStreamException)
            {
                return null;
            }
        }

        if (!SHA256.HashData(bytes).AsSpan().SequenceEqual(hash))
        {
            return null;
        }

        await to.WriteAsync(hash, bytes, cancellationToken);
        return bytes.Length;
    }
}
