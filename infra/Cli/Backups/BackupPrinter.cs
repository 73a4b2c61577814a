using System.Globalization;

namespace CpfPipeline.Cli.Backups;

/// <summary>Says what a backup or a restore did.</summary>
/// <param name="output">Where to.</param>
internal sealed class BackupPrinter(TextWriter output)
{
    private const int MaxNamed = 10;

    public void Write(BackupOutcome outcome, BackupFolder folder, string? keys)
    {
        var manifest = outcome.Manifest;
        Say("backup", $"{folder.Root}, as of {Time(manifest)}, schema version {manifest.SchemaVersion}");
        if (outcome.Kept.Count > 1)
        {
            Say("kept", $"{outcome.Kept.Count:N0} backups, the oldest {outcome.Kept[^1]}: infra/cpf restore DIR --backup ID");
        }

        var dump = manifest.Files[BackupFolder.DumpName];
        Say("database", $"{dump.Bytes / 1e6:N1} MB: {Rows(manifest)}, {manifest.Rows["erasures"]:N0} erasures");
        Say("blobs", $"{manifest.Blobs:N0} ({manifest.BlobBytes / 1e6:N1} MB), new {outcome.NewBlobs:N0} ({outcome.NewBytes / 1e6:N1} MB)");
        if (outcome.Removed + manifest.Gone > 0)
        {
            Say("left", $"{outcome.Removed:N0} blobs of the backup before; {manifest.Gone:N0} that were erased or collected meanwhile");
        }

        if (outcome.NewRecords > 0)
        {
            Say("erasures", $"{outcome.NewRecords:N0} new in the record");
        }

        if (keys is null)
        {
            Say("keys", $"not in it. Without the tombstone key (.cpf/tombstone.key) nothing erased can be told from others,");
            Say("", $"and Ingest will not start on this database: keep it elsewhere, or have it written with --keys FILE");
        }
        else
        {
            Say("keys", $"in {keys}, for its owner only. Whoever has it and the backup can tell which pictures were erased:");
            Say("", $"keep them apart");
        }

        foreach (var warning in outcome.Warnings)
        {
            Say("attention", $"{warning}");
        }

        if (outcome.Missing.Count > 0)
        {
            Say("missing", $"{outcome.Missing.Count:N0} blobs that the store should have, and lacks or has damaged: infra/cpf verify");
            foreach (var sha256 in outcome.Missing.Take(MaxNamed))
            {
                Say("", $"{sha256}");
            }
        }
    }

    public void Write(RestoreOutcome outcome)
    {
        Say("restored", $"as of {Time(outcome.Manifest)}: {Rows(outcome.Manifest)}, {outcome.Blobs:N0} blobs");
        if (outcome.Erased > 0)
        {
            Say("erased", $"{outcome.Erased:N0} blobs were left out: the record says that they were erased later");
        }

        if (outcome.Damaged > 0)
        {
            Say("damaged", $"{outcome.Damaged:N0} blobs were left out: infra/cpf verify --repair fetches what it can");
        }

        if (outcome.Manifest.Missing > 0)
        {
            Say("missing", $"{outcome.Manifest.Missing:N0} blobs, as when it was made: infra/cpf verify --repair fetches what it can");
        }

        Say("announced", $"{outcome.Announced:N0} messages again that the queues may have held");
        Say("attention", $"keys that were revoked after the backup are valid again: infra/cpf keys list shows them");
        Say("next", $"infra/cpf up, which also repeats the erasures of the record that came after the backup");
    }

    private static string Time(BackupManifest manifest) =>
        manifest.TakenAt.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    private static string Rows(BackupManifest manifest) =>
        string.Create(CultureInfo.InvariantCulture, $"{manifest.Rows["images"]:N0} images, {manifest.Rows["contents"]:N0} contents");

    private void Say(string what, FormattableString text) => output.WriteLine($"{what,-10} {text.ToString(CultureInfo.InvariantCulture)}");
}
