using System.Diagnostics;
using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Locks;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Matcher.Handover;

/// <summary>
/// Does what <c>cpf.model_preparations</c> asks for: groups the whole catalogue under the shadow, keeps these groups up to date, makes the
/// shadow active. One Matcher at a time does. When it dies, another one continues from what is committed.
/// </summary>
internal sealed class ShadowKeeper(
    NpgsqlDataSource dataSource, ModelStore models, WholeGrouping whole, CatchUp catchUp, Activation activation, TimeProvider time,
    ILogger<ShadowKeeper> logger)
{
    // Measured: each content taken in under the lock holds up others for about a millisecond.
    private const int MaxContentsUnderLock = 500;

    // After these attempts each one takes in more under the lock and leaves giants to the background, so that the activation ends however
    // much comes in.
    private const int PatientAttempts = 4;

    // A look costs about a second with 100,000 contents. With four rests for each look it takes a fifth of a processor at most.
    private const int RestsPerLook = 4;

    private static readonly TimeSpan UnfitRest = TimeSpan.FromSeconds(30);

    private long _restsFrom;
    private TimeSpan _rest;
    private long _unfitSince;
    private long? _unfit;

    /// <summary>Does what there is to do now. Returns whether there was anything.</summary>
    public async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        if (await ReadAsync(cancellationToken) is not { } asked || IsResting(asked))
        {
            return false;
        }

        await using var held = await KeptLock.TryTakeAsync(dataSource, "cpf.handover", cancellationToken);
        if (held is null
            || await ReadAsync(cancellationToken) is not { } preparation
            || (await models.GetServingAsync(cancellationToken)).SingleOrDefault(IsAsked) is not { } model)
        {
            return false;
        }

        bool IsAsked(ServingModel serving) => serving.ModelId == preparation.ModelId && serving.State == ModelState.Shadow;

        try
        {
            await WorkAsync(model, preparation, cancellationToken);
        }
        catch (Exception e) when (e is ArgumentException or InvalidDataException)
        {
            // Its embeddings are impossible (not finite, not of unit length): this model cannot be used, but live matching goes on.
            Log.UnfitShadow(logger, e, model.ModelId);
            await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
            await ModelPreparationStore.ReportUnfitAsync(
                connection, model.ModelId, preparation.Progress, "cannot be grouped: " + e.Message, cancellationToken);
            (_unfitSince, _unfit) = (time.GetTimestamp(), model.ModelId);
        }

        return true;
    }

    private async Task WorkAsync(ServingModel model, ModelPreparation preparation, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        if (!preparation.IsGrouped && await IsBestGroupedAnewAsync(model, cancellationToken))
        {
            await whole.RunAsync(model, cancellationToken);
            return;
        }

        if (await CatchUpAsync(model, preparation, cancellationToken) && preparation.Wanted == ModelPreparation.Activation)
        {
            await ActivateAsync(model, cancellationToken);
        }

        (_restsFrom, _rest) = (time.GetTimestamp(), RestsPerLook * time.GetElapsedTime(started));
    }

    private bool IsResting(ModelPreparation preparation) =>
        (preparation.ModelId == _unfit && time.GetElapsedTime(_unfitSince) < UnfitRest)
        || (preparation.Wanted != ModelPreparation.Activation && preparation.IsGrouped && time.GetElapsedTime(_restsFrom) < _rest);

    private async Task<ModelPreparation?> ReadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ModelPreparationStore.FindShadowAsync(connection, cancellationToken);
    }

    /// <summary>Whether it has no groups yet, or was retired so long ago that most contents have come since.</summary>
    private async Task<bool> IsBestGroupedAnewAsync(ServingModel model, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var members = await MembershipStore.CountMembersAsync(connection, model.ModelId, cancellationToken);
        return members == 0
            || await MembershipStore.CountUnmatchedAsync(connection, model.HeadId, model.ModelId, cancellationToken) > members;
    }

    private async Task<bool> CatchUpAsync(ServingModel model, ModelPreparation preparation, CancellationToken cancellationToken)
    {
        if (await catchUp.RunAsync(model, cancellationToken) is not { } looked)
        {
            return false;
        }

        if (looked == 0 && preparation.IsGrouped)
        {
            return true;
        }

        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return await ModelPreparationStore.ReportGroupedAsync(
            connection, model.ModelId, $"caught up with {looked} contents", cancellationToken);
    }

    private async Task ActivateAsync(ServingModel model, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            var maxContents = MaxContentsUnderLock << Math.Clamp(attempt - PatientAttempts, 0, 10);
            if (await activation.TryAsync(model, maxContents, pendingToo: attempt > PatientAttempts, cancellationToken))
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
