using System.Globalization;

namespace CpfPipeline.Cli.Backups;

/// <summary>Says what a backup or a restore did.</summary>
internal static class BackupPrinter
{
    private const int NamedAtMost = 10;

    public static void Write(BackupOutcome outcome, BackupFolder folder, string? keys, TextWriter output)
    {
        var manifest = outcome.Manifest;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            backup     {folder.Root}, as of {manifest.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, schema version {manifest.SchemaVersion}
            database   {manifest.Files[BackupFolder.DumpName].Bytes / 1e6:N1} MB: {manifest.Rows["images"]:N0} images, {manifest.Rows["contents"]:N0} contents, {manifest.Rows["erasures"]:N0} erasures
            blobs      {manifest.Blobs:N0} ({manifest.BlobBytes / 1e6:N1} MB), of which {outcome.NewBlobs:N0} are new ({outcome.NewBytes / 1e6:N1} MB)
            """));
        if (outcome.Removed + manifest.Gone > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"left       {outcome.Removed:N0} blobs of the backup before, and {manifest.Gone:N0} that were erased or collected meanwhile"));
        }

        if (outcome.NewRecords > 0)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"erasures   {outcome.NewRecords:N0} new in the record"));
        }

        output.WriteLine(keys is null
            ? "keys       not in it. Without the tombstone key (.cpf/tombstone.key) nothing erased can be told from others, and Ingest will not\n"
                + "           start on this database: keep it elsewhere, or have it written with --keys FILE"
            : $"keys       in {keys}, for its owner only. Whoever has it and the backup can tell which pictures were erased: keep them apart");
        if (outcome.Missing.Count > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"missing    {outcome.Missing.Count:N0} blobs that the blob store should have, and has not or has damaged: infra/cpf verify"));
            foreach (var sha256 in outcome.Missing.Take(NamedAtMost))
            {
                output.WriteLine($"           {sha256}");
            }
        }
    }

    public static void Write(RestoreOutcome outcome, TextWriter output)
    {
        var manifest = outcome.Manifest;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            restored   as of {manifest.TakenAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC: {manifest.Rows["images"]:N0} images, {manifest.Rows["contents"]:N0} contents, {outcome.Blobs:N0} blobs
            """));
        if (outcome.Erased > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"erased     {outcome.Erased:N0} blobs were left out: the record says that they were erased later"));
        }

        if (manifest.Missing > 0)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"missing    {manifest.Missing:N0} blobs were missing when the backup was made: infra/cpf verify --repair fetches what it can"));
        }

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"announced  {outcome.Announced:N0} messages again that the queues may have held"));
        output.WriteLine("next       infra/cpf up, which also repeats the erasures of the record that came after the backup");
    }
}
