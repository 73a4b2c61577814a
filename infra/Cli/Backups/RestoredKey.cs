using CpfPipeline.Cli.Installations;
using CpfPipeline.Data.Erasures;

namespace CpfPipeline.Cli.Backups;

/// <summary>The tombstone key of what is restored. Without it erased pictures could come back, and Ingest would not start.</summary>
internal static class RestoredKey
{
    /// <summary>The key that fits, of the one that is there and the one that was given. Changes nothing.</summary>
    /// <param name="target">Where to.</param>
    /// <param name="manifest">The backup.</param>
    /// <param name="records">The records of erasures of both.</param>
    /// <param name="keyText">The key of a keys file, or null.</param>
    /// <returns>Null when nothing was erased, and no key is there.</returns>
    /// <exception cref="CommandException">None fits, or the records are of several keys (3).</exception>
    public static TombstoneKey? Find(BackupSource target, BackupManifest manifest, IReadOnlyList<ErasureRecord> records, string? keyText)
    {
        var checks = records.Select(r => r.KeyCheck).Append(manifest.KeyCheck).OfType<string>().Distinct().ToList();
        if (checks.Count > 1)
        {
            throw CommandException.Infrastructure(
                "the records of erasures were made under several keys: those of another installation lie in the backup's folder erasures, "
                    + $"or in {target.ErasureRecords}");
        }

        TombstoneKey?[] keys =
        [
            File.Exists(target.TombstoneKey) ? TombstoneKeyFile.Read(target.TombstoneKey) : null,
            keyText is null ? null : TombstoneKeyFile.Parse(keyText),
        ];
        if (checks.Count == 0)
        {
            return keys.OfType<TombstoneKey>().FirstOrDefault();
        }

        return keys.OfType<TombstoneKey>().FirstOrDefault(k => Convert.ToHexStringLower(k.Check) == checks[0])
            ?? throw CommandException.Infrastructure(
                (keys.OfType<TombstoneKey>().Any()
                    ? "the tombstone key is another one" : "pictures were erased, and the tombstone key is not here")
                    + $": name the file that backup --keys wrote (--keys FILE), or put the key into {target.TombstoneKey}. "
                    + "Without it erased pictures could come back, and Ingest would not start");
    }

    /// <summary>Puts the key of a keys file where Ingest reads it, if that is the one that fits.</summary>
    public static void Keep(BackupSource target, string? keyText, TombstoneKey? key)
    {
        if (key is not null && keyText is not null && TombstoneKeyFile.Parse(keyText) is { } given
            && given.Check.AsSpan().SequenceEqual(key.Check))
        {
            Installation.WritePrivate(target.TombstoneKey, keyText);
        }
    }
}
