using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Outages;
using CpfPipeline.Data.Schema;
using CpfPipeline.Data.Sql;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Ingest.Downloads;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Looks every second at how much waits and how much room is left. A server that refuses connections closes nothing: requests find that out
/// themselves. A database that takes them and does not answer does: whatever was let in then would wait with its connection.
/// </summary>
internal sealed class PressureWatch(
    IntakeGate gate, IQueueLengths queues, IConfiguration configuration, FeedSpool spool, IOptions<IngestOptions> options,
    TimeProvider time, ILogger<PressureWatch> logger)
    : BackgroundLoop("pressure", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private readonly IngestOptions _options = options.Value;

    // Where the blobs lie in a bucket, they fill no disk of ours. A store that is full says so itself.
    private readonly DiskRoom _room = new(
    [
        .. BlobSettings.Bucket(configuration) is null && configuration[BlobSettings.FolderKey] is { } blobs
            ? [blobs] : Array.Empty<string>(),
        spool.Folder, Path.GetTempPath(),
    ]);

    // Not of the common pool: when that is exhausted, it is time to look.
    private readonly NpgsqlDataSource _dataSource = Open(configuration);
    private PatientLook<long>? _outbox;
    private IntakeLimit _told;

    public override void Dispose()
    {
        _dataSource.Dispose();
        base.Dispose();
    }

    // The disk first: it fills while the others are waited for.
    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        var queued = CountQueuedAsync(cancellationToken);
        var free = await _room.FreeShareAsync(Patience, Time, cancellationToken);
        Take(p => p with
        {
            FreeDiskShare = free ?? p.FreeDiskShare, IsDiskSilent = free is null && p.FreeDiskShare is not null,
        });
        var count = await queued;
        Take(p => p with { QueuedImages = count });
        var (outbox, isSilent) = await CountOutboxAsync(cancellationToken);
        Take(p => p with { OutboxMessages = outbox, IsDatabaseSilent = isSilent });
    }

    private static NpgsqlDataSource Open(IConfiguration configuration)
    {
        var text = new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(PostgresDataSource.ConnectionStringName))
        {
            ApplicationName = "Ingest pressure", MinPoolSize = 0, MaxPoolSize = 1,
        };
        return NpgsqlDataSource.Create(text);
    }

    private void Take(Func<IntakePressure, IntakePressure> seen)
    {
        gate.Set(seen(gate.State.Pressure));
        var exceeded = gate.State.Exceeded;
        if (exceeded == _told)
        {
            return;
        }

        if (gate.WhyClosed(IntakeWay.Queue) is { } why)
        {
            Log.IntakeClosed(Logger, why);
        }
        else
        {
            Log.IntakeOpen(Logger);
        }

        _told = exceeded;
    }

    // Every row is read, so no more are counted than matter.
    private async Task<(long? Count, bool IsSilent)> CountOutboxAsync(CancellationToken cancellationToken)
    {
        _outbox ??= new(() => _dataSource.Sql(
            "select count(*) from (select 1 from cpf.outbox limit $1) o", [_options.MaxOutboxMessages + 1L])
            .ScalarAsync<long>(CancellationToken.None));
        try
        {
            var (hasAnswered, count) = await _outbox.TryAsync(Patience, Time, cancellationToken);
            return hasAnswered ? (count, false) : (null, true);
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            // The driver's own patience ended before ours began anew.
            return (null, e is TimeoutException or NpgsqlException { InnerException: TimeoutException });
        }
    }

    private async Task<long?> CountQueuedAsync(CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Patience, Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await queues.ReadQueueLengthAsync(Topology.SubmitImageQueue, limit.Token);
        }
        catch (Exception e) when (e is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            return null; // The broker's client throws whatever its connection ended with.
        }
    }
}
