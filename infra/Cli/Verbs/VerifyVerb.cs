using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using CpfPipeline.Cli.Backups;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Status;
using CpfPipeline.Cli.Verifications;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class VerifyVerb : AsyncCommand<VerifyVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadServers();
        var source = BackupSource.Of(installation);
        var status = await StatusReader.ReadAsync(installation, Console.Error, cancellationToken);
        await using var dataSource = PostgresDataSource.Create(source.Database, "cpf verify");
        var request = new VerifyRequest
        {
            Key = File.Exists(source.TombstoneKey)
                ? TombstoneKeyFile.Read(source.TombstoneKey) : null,
            Repair = settings.Repair,
            Sample = settings.Sample,
            HasBacklog = new WorkLeft(null, null, null, status.Queues, status.Outbox).HasMessages,
        };
        var progress = new TextProgress(Console.Error, TimeProvider.System);
        var outcome = await new VerifySession(dataSource, source.Store, request, TimeProvider.System, progress.Tell)
            .RunAsync(cancellationToken);
        VerifyPrinter.Write(outcome, settings.Repair, Console.Out);
        return (int)(outcome.Faults.Left == 0 ? ExitCode.Done : ExitCode.Rejected);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--repair")]
        [Description("Repair what can be: fetch, embed and group again, delete what nothing refers to. Changes nothing without it.")]
        public bool Repair { get; init; }

        [CommandOption("--sample <N>")]
        [Description("Read about N blobs and compare about N contents with all others, other ones each time. Default: all of them.")]
        [Range(1d, double.MaxValue)]
        public long? Sample { get; init; }
    }
}
