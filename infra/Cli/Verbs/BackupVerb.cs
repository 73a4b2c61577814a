using System.ComponentModel;
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
        var source = BackupSource.Of(Installation.Load());
        var folder = new BackupFolder(settings.Folder);
        if (settings.Keys is { } unwritten)
        {
            KeysFile.Refuse(unwritten, folder);
        }

        var session = new BackupSession(source, folder, TimeProvider.System, new TextProgress(Console.Error, TimeProvider.System).Tell);
        if (settings.ErasuresOnly)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{session.CopyErasures():N0} new erasures recorded in {folder.Erasures}"));
            return (int)ExitCode.Done;
        }

        var outcome = await session.RunAsync(cancellationToken);
        if (settings.Keys is { } keys)
        {
            KeysFile.Write(source, keys, folder);
        }

        new BackupPrinter(Console.Out).Write(outcome, folder, settings.Keys);
        return (int)(outcome.Missing.Count == 0 ? ExitCode.Done : ExitCode.Rejected);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<DIR>")]
        [Description("Folder of the backup. Used again, it takes only what is new; the backup in it stays whole until the new one is.")]
        public string Folder { get; init; } = "";

        [CommandOption("--keys <FILE>")]
        [Description("Also write tombstone key and passwords of the private servers, to a file outside of DIR. They are in no backup.")]
        public string? Keys { get; init; }

        [CommandOption("--erasures-only")]
        [Description("Only copy the record of erasures, which a restore repeats. Takes moments: run it every few minutes.")]
        public bool ErasuresOnly { get; init; }
    }
}
