using System.Globalization;
using CpfPipeline.Data.Outages;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Intake;

/// <summary>
/// Fetches what was parked: every host in turn, a few requests to each at once, so that a slow or broken one delays only itself. Nothing
/// here holds up the bus or a feed.
/// </summary>
internal sealed class FetchLoop(
    ParkedFetchStore store, ImageIntake intake, HostGates gates, IntakeGate gate, IOptions<IngestOptions> options, TimeProvider time,
    ILogger<FetchLoop> logger)
    : BackgroundLoop("fetches", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LeaseMargin = TimeSpan.FromMinutes(1);
    private readonly IngestOptions _options = options.Value;
    private readonly HashSet<Task> _running = [];

    /// <summary>Fetches one parked image and applies the outcome, or puts it off.</summary>
    public async Task FetchAsync(DueFetch fetch, CancellationToken cancellationToken)
    {
        var batch = await intake.PrepareAsync([fetch.Entry], _options.FetchTimeout, cancellationToken);
        if (batch.NotYet[0] is { } outcome)
        {
            await SettleAsync(fetch, outcome, cancellationToken);
            return;
        }

        await ApplyAsync(fetch, batch, cancellationToken);
    }

    protected override async Task StepAsync(CancellationToken cancellationToken)
    {
        _running.RemoveWhere(task => task.IsCompleted);
        var free = _options.MaxParkedRequests - _running.Count;
        if (free <= 0 || gate.IsDiskFull)
        {
            return;
        }

        var due = await store.ClaimAsync(
            gates.Closed(), _options.MaxRequestsPerHost, free, _options.FetchTimeout + LeaseMargin, cancellationToken);
        foreach (var fetch in due)
        {
            _running.Add(GuardAsync(fetch, cancellationToken));
        }
    }

    // The end of one fetch lets the next begin.
    protected override async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        await Task.WhenAny([Task.Delay(Pause, Time, stop.Token), .. _running.Where(task => !task.IsCompleted)]);
        await stop.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    protected override Task AfterLastStepAsync() => Task.WhenAll(_running);

    // Puts it off, or rejects it when it was tried often enough.
    private async Task SettleAsync(DueFetch fetch, FetchOutcome outcome, CancellationToken cancellationToken)
    {
        var attempts = fetch.Attempts + (outcome.WasTried ? 1 : 0);
        var (reason, detail) = outcome.WasTried ? (outcome.Reason!, outcome.Detail) : (fetch.Reason, fetch.Detail);
        if (FetchSchedule.NextPause(fetch.FetchId, attempts, fetch.ParkedFor, outcome, _options) is { } pause)
        {
            await store.PostponeAsync(fetch.FetchId, attempts, pause, reason, detail, cancellationToken);
            return;
        }

        var tried = string.Create(CultureInfo.InvariantCulture, $"{detail} Tried {attempts} times in {fetch.ParkedFor.TotalSeconds:0} s.");
        await ApplyAsync(fetch, new PreparedBatch([fetch.Entry], [fetch.Entry.ToRejection(reason, tried)], [null]), cancellationToken);
    }

    private Task ApplyAsync(DueFetch fetch, PreparedBatch batch, CancellationToken cancellationToken) =>
        intake.ApplyAsync(
            batch, (connection, results, token) => ParkedFetchStore.EndAsync(connection, fetch, results[0], token), cancellationToken);

    private async Task GuardAsync(DueFetch fetch, CancellationToken cancellationToken)
    {
        try
        {
            await FetchAsync(fetch, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return;
        }
        catch (Exception e) when (Outage.IsOne(e))
        {
            // Broken infrastructure: the lease runs out, and the fetch is tried again.
            Log.FetchInterrupted(Logger, fetch.Entry.ImageId, e);
        }
        catch (Exception e)
        {
            await CountFaultAsync(fetch, e, cancellationToken);
        }
    }

    // A fault of ours is a failed attempt like others. Not counted, it would come again for ever, and its feed would never end.
    private async Task CountFaultAsync(DueFetch fetch, Exception fault, CancellationToken cancellationToken)
    {
        Log.FetchFaulted(Logger, fetch.Entry.ImageId, fetch.Attempts + 1, fault);
        try
        {
            var outcome = FetchOutcome.Fail(
                RejectReasons.ServiceFault, $"The service met a fault of its own ({fault.GetType().Name}); its log has it.");
            await SettleAsync(fetch, outcome, cancellationToken);
        }
        catch (Exception e) when (Outage.IsOne(e) || cancellationToken.IsCancellationRequested)
        {
            Log.FetchInterrupted(Logger, fetch.Entry.ImageId, e);
        }
        catch (Exception e)
        {
            // Not even the rejection can be written. The image stays as it is; its feed must end.
            Log.FetchDropped(Logger, fetch.Entry.ImageId, e);
            await DropAsync(fetch, cancellationToken);
        }
    }

    private async Task DropAsync(DueFetch fetch, CancellationToken cancellationToken)
    {
        try
        {
            await store.DropAsync(fetch, RejectReasons.ServiceFault, cancellationToken);
        }
        catch (Exception e)
        {
            Log.FetchInterrupted(Logger, fetch.Entry.ImageId, e);
        }
    }
}
