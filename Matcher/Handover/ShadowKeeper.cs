using System.Diagnostics;
using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Matching;
using CpfPipeline.Data.Models;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Does what <c>cpf.model_preparations</c> asks for: groups the whole catalogue under the shadow, keeps these groups up to date, makes the shadow active. One Matcher
/// at a time; whoever comes after one that died goes on from what is committed.
/// </summary>
internal sealed class ShadowKeeper(
    NpgsqlDataSource dataSource, ModelStore models, WholeGrouping whole, CatchUp catchUp, Activation activation, TimeProvider time, ILogger<ShadowKeeper> logger)
{
    // Measured: what is taken in under the lock costs others about a millisecond a content.
    private const int MostUnderTheLock = 500;

    // From then on more is taken in under the lock each time, and giants are left to the background: it ends, however much comes in.
    private const int PatientAttempts = 4;

    // Keeping up takes a fifth of a processor at most: a look costs about a second with 100,000 contents.
    private const int RestsForEachLook = 4;

    private static readonly TimeSpan UnfitRest = TimeSpan.FromSeconds(30);

    private long _restsFrom;
    private TimeSpan _rest;
    private long _unfitFrom;
    private long? _unfit;

    /// <summary>Does what there is to do now. Returns whether there was something.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is not { } asked || IsResting(asked))
        {
            return false;
        }

        await using var held = await KeptLock.TryTakeAsync(dataSource, "cpf.handover", cancellationToken);
        if (held is null
            || await ReadAsync(cancellationToken) is not { } preparation
            || (await models.GetServingAsync(cancellationToken)).SingleOrDefault(m => m.ModelId == preparation.ModelId && m.State == "shadow") is not { } model)
        {
            return false;
        }

        try
        {
            await WorkAsync(model, preparation, cancellationToken);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            // Embeddings that cannot be: the night is over for this model, but not for live matching.
            Log.UnfitShadow(logger, model.ModelId, e.Message);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await PreparationStore.ReportAsync(connection, model.ModelId, preparation.Progress, "cannot be grouped: " + e.Message, cancellationToken);
            (_unfitFrom, _unfit) = (time.GetTimestamp(), model.ModelId);
        }

        return true;
    }

    private async Task WorkAsync(ServingModel model, Preparation preparation, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (preparation.GroupedAt is null && await IsBestGroupedAnewAsync(model, cancellationToken))
        {
            await whole.RunAsync(model, cancellationToken);
            return;
        }

        if (await CatchUpAsync(model, preparation, cancellationToken) && preparation.Wanted == Preparation.Activation)
        {
            await ActivateAsync(model, cancellationToken);
        }

        (_restsFrom, _rest) = (time.GetTimestamp(), RestsForEachLook * time.GetElapsedTime(started));
    }

    private bool IsResting(Preparation preparation) =>
        (preparation.ModelId == _unfit && time.GetElapsedTime(_unfitFrom) < UnfitRest)
        || (preparation.Wanted != Preparation.Activation && preparation.GroupedAt is not null && time.GetElapsedTime(_restsFrom) < _rest);

    private async Task<Preparation?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await PreparationStore.ReadAsync(connection, cancellationToken);
    }

    /// <summary>No groups yet, or those of a model that was retired so long ago that most contents have come since.</summary>
    private async Task<bool> IsBestGroupedAnewAsync(ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var (members, _) = await WholeGroupStore.CountAsync(connection, model.ModelId, cancellationToken);
        return members == 0 || await MembershipStore.CountUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken) > members;
    }

    private async Task<bool> CatchUpAsync(ServingModel model, Preparation preparation, CancellationToken cancellationToken)
    {
        if (await catchUp.RunAsync(model, cancellationToken) is not { } looked)
        {
            return false;
        }

        if (looked == 0 && preparation.GroupedAt is not null)
        {
            return true;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await PreparationStore.ReportGroupedAsync(connection, model.ModelId, $"caught up with {looked} contents", cancellationToken);
    }

    private async Task ActivateAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var most = MostUnderTheLock << Math.Clamp(attempt - PatientAttempts, 0, 10);
            if (await activation.TryAsync(model, most, pendingToo: attempt > PatientAttempts, cancellationToken))
            {
                return;
            }

            Log.ActivationPutOff(logger, model.ModelId, attempt, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            if (await catchUp.RunAsync(model, cancellationToken) is null)
            {
                return;
            }
        }
    }
}
