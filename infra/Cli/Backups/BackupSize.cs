using System.Globalization;

namespace CpfPipeline.Cli.Backups;

/// <summary>
/// Keeps the only good backup from being replaced by one of a database that was emptied: by a mistake, by damage, or by a mass retraction
/// that nobody meant.
/// </summary>
internal static class BackupSize
{
    private const double MaxShrinkShare = 0.2;
    private const int MinRows = 10;

    /// <summary>Compares a backup with the one that it would replace.</summary>
    /// <param name="before">The one that is there, or null.</param>
    /// <param name="rows">Rows of the new one, by table.</param>
    /// <param name="mayShrink">Whether that is meant.</param>
    /// <exception cref="CommandException">It has far fewer images or contents (4).</exception>
    public static void Compare(BackupManifest? before, IReadOnlyDictionary<string, long> rows, bool mayShrink)
    {
        foreach (var table in new[] { "images", "contents" })
        {
            if (!mayShrink && before?.Rows.GetValueOrDefault(table) is >= MinRows and var were && rows[table] < were * (1 - MaxShrinkShare))
            {
                throw new CommandException(ExitCode.RefusedByGate, string.Create(
                    CultureInfo.InvariantCulture,
                    $"the backup that is there has {were:N0} {table}, the database has {rows[table]:N0}: nothing was replaced. If that is "
                        + $"meant, add --may-shrink, or name a new folder"));
            }
        }
    }
}
