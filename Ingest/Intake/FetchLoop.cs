using System.Globalization;
using CpfPipeline.Hosting.Background;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Pressure;
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
            var attempts = fetch.Attempts + (outcome.WasTried ? 1 : 0);
            var (reason, detail) = outcome.WasTried ? (outcome.Reason!, outcome.Detail) : (fetch.Reason, fetch.Detail);
            if (FetchSchedule.NextPause(fetch.FetchId, attempts, fetch.ParkedFor, outcome, _options) is { } pause)
            {
                await store.PostponeAsync(fetch.FetchId, attempts, pause, reason, detail, cancellationToken);
                return;
            }

            var tried = string.Create(
                CultureInfo.InvariantCulture, $"{detail} Tried {attempts} times in {fetch.ParkedFor.TotalSeconds:0} s.");
            batch = batch with { Wanted = [fetch.Entry.ToRejection(reason, tried)], NotYet = [null] };
        }

        await intake.ApplyAsync(
            batch, (connection, results, token) => ParkedFetchStore.EndAsync(connection, fetch, results[0], token), cancellationToken);
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

    // Broken infrastructure: the lease runs out, and the fetch is tried again.
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
        catch (Exception e)
        {
            Log.FetchInterrupted(Logger, fetch.Entry.ImageId, e);
        }
    }
}
