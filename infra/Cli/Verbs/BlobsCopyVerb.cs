using System.ComponentModel;
using System.Globalization;
using CpfPipeline.Cli.BlobCopies;
using CpfPipeline.Cli.Display;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Processes;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Schema;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class BlobsCopyVerb : AsyncCommand<BlobsCopyVerb.Settings>
{
    private const int MaxNamed = 10;

    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        if (settings.From is null == settings.To is null)
        {
            throw CommandException.Usage("name one folder: --from DIR copies it into the bucket, --to DIR copies the bucket into it");
        }

        var installation = Installation.LoadServers();
        using var bucket = installation.OpenBucket()
            ?? throw CommandException.Usage("name the bucket by Blobs__S3__Bucket and the other settings Blobs__S3__...");
        if (settings.From is { } named && !Directory.Exists(named))
        {
            throw CommandException.Usage($"there is no folder {named}");
        }

        using (InstallationLock.Acquire(installation))
        {
            await StepDisplay.RunAsync(display => new LocalStack(installation).StartPostgresAsync(display, cancellationToken));
        }

        IBlobStore folder = new FolderBlobStore((settings.From ?? settings.To)!);
        var objects = new BucketBlobStore(bucket);
        await using var dataSource = PostgresDataSource.Create(installation.PostgresOwner, "cpf blobs copy");
        var progress = new TextProgress(Console.Error, TimeProvider.System);
        var outcome = await new BlobCopySession(
            dataSource, settings.From is null ? objects : folder, settings.From is null ? folder : objects,
            done => progress.Tell("blobs", done))
            .RunAsync(cancellationToken);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{outcome.Copied:N0} blobs copied ({outcome.Bytes / 1e6:N1} MB), {outcome.There:N0} were there, "
                + $"{outcome.Removed:N0} removed that nobody has any more"));
        foreach (var sha256 in outcome.Damaged.Take(MaxNamed))
        {
            Console.WriteLine($"damaged, left out: {sha256}");
        }

        if (outcome.Damaged.Count > 0)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{outcome.Damaged.Count:N0} are damaged: infra/cpf verify --repair fetches what it can"));
        }

        return (int)(outcome.Damaged.Count == 0 ? ExitCode.Done : ExitCode.Rejected);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--from <DIR>")]
        [Description("Copy the blobs of this folder into the bucket.")]
        public string? From { get; init; }

        [CommandOption("--to <DIR>")]
        [Description("Copy the blobs of the bucket into this folder.")]
        public string? To { get; init; }
    }
}
