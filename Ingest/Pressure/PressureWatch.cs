using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Downloads;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Looks every second at how much waits and how much room is left. What does not answer closes nothing: requests find that out themselves.
/// </summary>
internal sealed class PressureWatch(
    IntakeGate gate, NpgsqlDataSource dataSource, IQueueLengths queues, IConfiguration configuration, FeedSpool spool,
    IOptions<IngestOptions> options, TimeProvider time, ILogger<PressureWatch> logger)
    : BackgroundLoop("pressure", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IngestOptions _options = options.Value;

    // Where the blobs lie in a bucket, downloaded feeds are all that can fill a disk of ours. A store that is full says so itself.
    private readonly string _filled = BlobSettings.Bucket(configuration) is null ? configuration[BlobSettings.FolderKey]! : spool.Folder;
    private string? _told;

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        var free = FreeShare(_filled);
        var (outbox, queued) = (CountOutboxAsync(cancellationToken), CountQueuedAsync(cancellationToken));
        gate.Set(new IntakePressure(await outbox, await queued, free));
        cancellationToken.ThrowIfCancellationRequested();
        var why = gate.WhyClosed;
        if (why is not null && _told is null)
        {
            Log.IntakeClosed(Logger, why);
        }
        else if (why is null && _told is not null)
        {
            Log.IntakeOpen(Logger);
        }

        _told = why;
    }

    /// <summary>Free share of the disk that holds a folder, of what this user may write.</summary>
    internal static double? FreeShare(string folder)
    {
        try
        {
            var there = Path.GetFullPath(folder);
            while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
            {
                there = parent; // It is made when it is first needed.
            }

            var drive = new DriveInfo(there);
            return drive.TotalSize > 0 ? (double)drive.AvailableFreeSpace / drive.TotalSize : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        return limit;
    }

    // Every row is read, so no more are counted than matter.
    private async Task<long?> CountOutboxAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        try
        {
            return await dataSource.Sql("select count(*) from (select 1 from cpf.outbox limit $1) o", [_options.MaxOutboxMessages + 1L])
                .ScalarAsync<long>(limit.Token);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException)
        {
            return null;
        }
    }

    private async Task<long?> CountQueuedAsync(CancellationToken cancellationToken)
    {
        using var limit = Limit(cancellationToken);
        try
        {
            return await queues.ReadQueueLengthAsync(Topology.SubmitImageQueue, limit.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null; // The broker's client throws whatever its connection ended with.
        }
    }
}
