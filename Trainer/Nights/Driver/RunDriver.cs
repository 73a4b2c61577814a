using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outages;
using CpfPipeline.Data.Runs;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Nights.Runs;
using Npgsql;

namespace CpfPipeline.Nights.Driver;

/// <summary>
/// Takes runs from step to step to their end. Every step is written down and can be done again. When a driver dies, at whatever point, the
/// next one brings the run to the same end, once.
/// </summary>
public sealed class RunDriver(
    NpgsqlDataSource dataSource, ModelStore models, CandidateRegistration candidate, HandoverSteps handover, RunEnding ending,
    TimeProvider time, ILogger<RunDriver> logger)
{
    // A bug may depend on the moment. One that is met for the third time will not go away.
    private const int MaxTries = 3;

    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);
    private Guid _failedRun;
    private int _failures;

    /// <summary>Drives what is queued or running to its end.</summary>
    /// <returns>False when another driver, in this process or another one, holds the lease.</returns>
    /// <exception cref="Exception">
    /// Infrastructure broke (<see cref="Outage.IsOne"/>), or a bug was met outside of the run's own steps: drive again later. A run
    /// that meets a bug for the third time ends as failed instead.
    /// </exception>
    public async Task<bool> DriveAsync(CancellationToken cancellationToken)
    {
        await using var lease = await TrainingRunLease.TryTakeAsync(dataSource, cancellationToken);
        if (lease is null)
        {
            return false;
        }

        while (await lease.BeginAsync(cancellationToken) is { } run)
        {
            try
            {
                await DriveAsync(lease, run, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && !Outage.IsOne(e))
            {
                if (CountFailure(run) < MaxTries)
                {
                    throw;
                }

                await ending.GiveUpAsync(lease, run, MaxTries, e, cancellationToken);
            }
        }

        return true;
    }

    // Returns how often this driver has met a bug in the run.
    private int CountFailure(TrainingRun run)
    {
        (_failedRun, _failures) = (run.RunId, run.RunId == _failedRun ? _failures + 1 : 1);
        return _failures;
    }

    private async Task DriveAsync(TrainingRunLease lease, TrainingRun run, CancellationToken cancellationToken)
    {
        Log.RunDriven(logger, run.RunId, run.Kind, run.Step);
        if (run.CancelRequested)
        {
            await ending.EndAsync(lease, run, RunEnd.Cancelled, cancellationToken);
            return;
        }

        var progress = new RunProgress();
        using var work = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ended = new CancellationTokenSource();
        var pulse = PulseAsync(lease, run, progress, work, ended.Token);
        RunEnd end;
        try
        {
            end = await WalkAsync(lease, run, progress, work.Token);
        }
        catch (OperationCanceledException) when (work.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            await pulse; // Throws if the pulse failed. Otherwise a user asked for the end.
            end = RunEnd.Cancelled;
        }
        catch (Exception e) when (e is not OperationCanceledException && !Outage.IsOne(e))
        {
            Log.RunFailed(logger, run.RunId, e);
            end = RunEnd.Failed($"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            await ended.CancelAsync();
            await pulse.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await ending.EndAsync(lease, run, end, cancellationToken);
    }

    private async Task<RunEnd> WalkAsync(TrainingRunLease lease, TrainingRun run, RunProgress progress, CancellationToken cancellationToken)
    {
        var finished = (await lease.ReadStepsAsync(run.RunId, cancellationToken))
            .Where(s => s.FinishedAt is not null).Select(s => s.Step).ToHashSet();
        while (RunPlan.Next(run.Kind, finished) is { } step)
        {
            var active = await models.GetActiveAsync(cancellationToken);
            var model = run.ModelId is { } id ? await models.FindAsync(id, cancellationToken) : null;
            if (RunGuard.Check(run, step, active?.ModelId, model?.State) is { } guarded)
            {
                return guarded;
            }

            await lease.EnterStepAsync(run.RunId, step, RunPlan.Before(run.Kind, step), cancellationToken);
            progress.Report(step, 0, null);
            var making = RunPlan.IsMaking(step);
            var end = making
                ? await candidate.RunAsync(lease, run, active!, progress, cancellationToken)
                : await handover.RunAsync(step, run, active!, model!, progress, cancellationToken);
            if (end is not null)
            {
                return end;
            }

            IReadOnlyList<string> done = making ? RunPlan.MakingSteps : [step];
            await lease.FinishStepsAsync(run.RunId, done, cancellationToken);
            finished.UnionWith(done);
            run = await lease.BeginAsync(cancellationToken) ?? throw new InvalidOperationException("The run ended under its driver.");
        }

        return RunEnd.Finished(await handover.DescribeAsync(run, cancellationToken));
    }

    /// <summary>
    /// Writes signs of life and the steps that the builder of candidates reports. Stops the work when a user has asked for the end of the
    /// run.
    /// </summary>
    private async Task PulseAsync(
        TrainingRunLease lease, TrainingRun run, RunProgress progress, CancellationTokenSource work, CancellationToken ended)
    {
        var step = run.Step;
        try
        {
            while (true)
            {
                await Task.Delay(Pulse, time, ended);
                var latest = progress.Latest;
                if (latest.Step is { } now && now != step)
                {
                    step = now;
                    await lease.EnterStepAsync(run.RunId, now, RunPlan.Before(run.Kind, now), CancellationToken.None);
                }

                // This write is not cancelled: the end of the run is written through the same connection.
                if (await lease.BeatAsync(run.RunId, latest.Share, latest.Message, CancellationToken.None))
                {
                    await work.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
        }
        catch
        {
            await work.CancelAsync(); // A driver that cannot write must stop working.
            throw;
        }
    }
}
