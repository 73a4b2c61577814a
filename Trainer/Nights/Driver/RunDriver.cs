using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Nights.Runs;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Nights.Driver;

/// <summary>
/// Takes runs from step to step to their end. What it does is written down step by step, and every step can be done again: a driver that dies at any point is followed by
/// another that ends the run the same, once.
/// </summary>
public sealed class RunDriver(
    NpgsqlDataSource dataSource, ModelStore models, ModelTransitions transitions, CandidateMaking candidate, HandoverSteps handover, DispatchOutbox dispatch, RunMetrics metrics,
    IOptions<NightOptions> options, TimeProvider time, ILogger<RunDriver> logger)
{
    private static readonly TimeSpan Pulse = TimeSpan.FromSeconds(1);

    /// <summary>Drives what is queued or running to its end.</summary>
    /// <returns>False when another driver, in this process or another, is at it.</returns>
    /// <exception cref="Exception">Infrastructure broke (<see cref="BrokenInfrastructure"/>): drive again later.</exception>
    public async Task<bool> DriveAsync(CancellationToken cancellationToken)
    {
        await using var lease = await TrainingRunLease.TryTakeAsync(dataSource, cancellationToken);
        if (lease is null)
        {
            return false;
        }

        while (await lease.BeginAsync(cancellationToken) is { } run)
        {
            await DriveAsync(lease, run, cancellationToken);
        }

        return true;
    }

    private async Task DriveAsync(TrainingRunLease lease, TrainingRun run, CancellationToken cancellationToken)
    {
        Log.RunDriven(logger, run.RunId, run.Kind, run.Step);
        if (run.CancelRequested)
        {
            await EndAsync(lease, run, RunEnd.Cancelled, cancellationToken);
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
            await pulse; // Tells why: a failure of its own, or somebody's wish.
            end = RunEnd.Cancelled;
        }
        catch (Exception e) when (e is not OperationCanceledException && !BrokenInfrastructure.Is(e))
        {
            Log.RunFailed(logger, run.RunId, e);
            end = RunEnd.Failed($"{e.GetType().Name}: {e.Message}");
        }
        finally
        {
            await ended.CancelAsync();
            await pulse.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await EndAsync(lease, run, end, cancellationToken);
    }

    private async Task<RunEnd> WalkAsync(TrainingRunLease lease, TrainingRun run, RunProgress progress, CancellationToken cancellationToken)
    {
        var finished = (await lease.ReadStepsAsync(run.RunId, cancellationToken)).Where(s => s.FinishedAt is not null).Select(s => s.Step).ToHashSet();
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

    /// <summary>Writes signs of life and the steps that the maker of candidates tells of, and stops the work when somebody asks for its end.</summary>
    private async Task PulseAsync(TrainingRunLease lease, TrainingRun run, RunProgress progress, CancellationTokenSource work, CancellationToken ended)
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

                // Not cancelled halfway: what ends the run is written through the same connection.
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
            await work.CancelAsync(); // Who cannot write must not work on.
            throw;
        }
    }

    private async Task EndAsync(TrainingRunLease lease, TrainingRun run, RunEnd end, CancellationToken cancellationToken)
    {
        var modelId = (await lease.BeginAsync(cancellationToken))?.ModelId ?? await lease.FindModelOfAsync(run.RunId, cancellationToken);
        if (end.State != TrainingRunState.Finished && modelId is { } id)
        {
            await transitions.StepBackAsync(id, cancellationToken);
            if (end.State == TrainingRunState.Cancelled && (await models.FindAsync(id, cancellationToken))?.State == "active")
            {
                end = RunEnd.Finished($"model {id} is active: the request to cancel came too late");
            }
        }

        // Before the run ends: what is left undone here would wait for the next run.
        if (modelId is not null)
        {
            await handover.TidyAsync(cancellationToken);
        }

        options.Value.RemoveWorkFolder(run.RunId);
        var outbox = await lease.EndAsync(run.RunId, end.State, end.Message, RunMessages.Ended, cancellationToken);
        Log.RunEnded(logger, run.RunId, run.Kind, end.State, end.Message);
        metrics.Ended(run.Kind, end.State);
        await dispatch(outbox, cancellationToken);
    }
}
