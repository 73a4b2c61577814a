using System.ComponentModel;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class RestoreVerb : AsyncCommand<RestoreVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var folder = new BackupFolder(settings.Folder);
        var manifest = RestoreSession.Open(folder, settings.Backup); // Before anything is started or written.
        var key = settings.Keys is { } keys ? KeysFile.ReadKey(keys) : null;
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        if (settings.Keys is { } file && KeysFile.ReadState(file) is { } state && installation.TakeSecrets(state))
        {
            installation = Installation.LoadOrCreate();
        }

        if (installation.Services.Any(s => ProcessRecord.Read(installation, s.Key) is not null))
        {
            throw CommandException.Infrastructure("the services of this checkout run: infra/cpf down stops them");
        }

        await StepDisplay.RunAsync(display => new LocalStack(installation).StartPostgresAsync(display, cancellationToken));
        var session = new RestoreSession(
            BackupSource.Of(installation), folder, new TextProgress(Console.Error, TimeProvider.System).Tell);
        new BackupPrinter(Console.Out).Write(await session.RunAsync(manifest, key, settings.LeaveOutDamaged, cancellationToken));
        return (int)ExitCode.Done;
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandArgument(0, "<DIR>")]
        [Description("Folder of the backup.")]
        public string Folder { get; init; } = "";

        [CommandOption("--keys <FILE>")]
        [Description("The file that backup --keys wrote. Needed where pictures were erased, unless the tombstone key is there already.")]
        public string? Keys { get; init; }

        [CommandOption("--backup <ID>")]
        [Description("Another backup of DIR than the newest: the name of its folder in DIR/backups.")]
        public string? Backup { get; init; }

        [CommandOption("--leave-out-damaged")]
        [Description("Go on without blobs that are missing or damaged in the backup. Without it such a backup is refused.")]
        public bool LeaveOutDamaged { get; init; }
    }
}
