using CpfPipeline.Data.Erasures;

namespace CpfPipeline.Cli.Backups;

/// <summary>Tells blobs whose contents were erased, by the record of erasures.</summary>
internal static class ErasedBlobs
{
    /// <param name="records">The record. Tombstones of images do not say which bytes they mean.</param>
    /// <param name="key">Their key; null: nothing can be told.</param>
    /// <returns>Whether the content of this hash was erased.</returns>
    public static Func<string, bool> Of(ErasureRecords records, TombstoneKey? key)
    {
        var tombstones = key is null ? [] : records.All().Select(r => r.Tombstone).ToHashSet();
        return sha256 => tombstones.Count > 0
            && tombstones.Contains(Convert.ToHexStringLower(key!.OfContent(Convert.FromHexString(sha256))));
    }
}
