using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class BackupVerb : AsyncCommand<BackupVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var source = BackupSource.Of(Installation.LoadServers());
        var folder = new BackupFolder(settings.Folder);
        if (settings.Keys is { } unwritten)
        {
            KeysFile.Refuse(unwritten, folder);
            KeysFile.Write(source, unwritten, folder); // A folder that cannot be written to is found out at once.
        }

        var session = new BackupSession(source, folder, TimeProvider.System, new TextProgress(Console.Error, TimeProvider.System).Tell);
        if (settings.ErasuresOnly)
        {
            var copied = await session.CopyErasuresAsync(cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copied:N0} new erasures recorded in {folder.Erasures}"));
            return (int)ExitCode.Done;
        }

        var outcome = await session.RunAsync(settings.MayShrink, settings.Keep, cancellationToken);

        new BackupPrinter(Console.Out).Write(outcome, folder, settings.Keys);
        return (int)(outcome.Missing.Count + outcome.Warnings.Count == 0 ? ExitCode.Done : ExitCode.Rejected);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<DIR>")]
        [Description("Folder of the backup. Used again, it takes only what is new; the backup in it stays whole until the new one is.")]
        public string Folder { get; init; } = "";

        [CommandOption("--keys <FILE>")]
        [Description("Also write tombstone key and passwords of the private servers, to a file outside of DIR. They are in no backup.")]
        public string? Keys { get; init; }

        [CommandOption("--may-shrink")]
        [Description("Replace the backup that is there also by one with over 20 % fewer images or contents.")]
        public bool MayShrink { get; init; }

        [CommandOption("--keep <N>")]
        [Description("Backups that stay in DIR, this one among them. What was erased leaves the blobs of all of them.")]
        [Range(1, 1_000)]
        public int Keep { get; init; } = 1;

        [CommandOption("--erasures-only")]
        [Description("Only copy the record of erasures, which a restore repeats. Takes moments: run it every few minutes.")]
        public bool ErasuresOnly { get; init; }
    }
}
