using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Giants;
using CpfPipeline.Matcher.Grouping;
using CpfPipeline.Matcher.Handover;
using CpfPipeline.Matcher.Reconcile;
using CpfPipeline.Matcher.Search;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>The parts of one Matcher process without bus and HTTP; several on one database are several processes.</summary>
internal sealed class MatcherInstance : IDisposable
{
    private readonly Gallery _gallery;

    public MatcherInstance(
        NpgsqlDataSource dataSource, MatcherOptions options, Func<INeighbourSearch, INeighbourSearch>? decorate = null,
        DispatchOutbox? dispatch = null,
        int maxMissedPairs = 200_000, int? tileSeed = null, TileBus? tiles = null, int maxTileSends = int.MaxValue)
    {
        DataSource = dataSource;
        var wrapped = Options.Create(options);
        var models = new ModelStore(dataSource);
        var metrics = new MatcherMetrics();
        dispatch ??= (_, _) => Task.CompletedTask;
        Tiles = tiles ?? new TileBus(dataSource, options, tileSeed);
        var tiledJoin = new TiledJoin(
            dataSource, async (rows, token) => await dispatch(await Tiles.TakeAsync(rows, token), token), Tiles, wrapped,
            TimeProvider.System, NullLogger<TiledJoin>.Instance)
        {
            ResendAfter = TimeSpan.Zero, Pause = TimeSpan.FromMilliseconds(1), MaxSends = maxTileSends,
        };
        _gallery = new Gallery(dataSource, wrapped);
        INeighbourSearch search = new NeighbourSearch(dataSource, _gallery, wrapped, metrics);
        Search = decorate is null ? search : decorate(search);
        Updater = new GroupUpdater(
            dataSource, models, Search, dispatch, wrapped, new MatcherActivity(TimeProvider.System), metrics,
            NullLogger<GroupUpdater>.Instance);
        Reconciler = new Reconciler(dataSource, models, Updater, wrapped, metrics, TimeProvider.System, NullLogger<Reconciler>.Instance)
        {
            MaxMissedPairs = maxMissedPairs,
        };
        Repair = new Repair(dataSource, models, Updater, wrapped, NullLogger<Repair>.Instance);
        var giants = new GiantRegrouper(dataSource, models, Updater, dispatch, NullLogger<GiantRegrouper>.Instance);
        Giants = giants;
        CatchUp = new CatchUp(dataSource, models, giants, wrapped);
        Activation = new Activation(dataSource, CatchUp, dispatch, NullLogger<Activation>.Instance);
        Keeper = new ShadowKeeper(
            dataSource, models, new WholeGrouping(dataSource, tiledJoin, wrapped, TimeProvider.System, NullLogger<WholeGrouping>.Instance),
            CatchUp, Activation, TimeProvider.System, NullLogger<ShadowKeeper>.Instance);
    }

    public NpgsqlDataSource DataSource { get; }

    public TileBus Tiles { get; }

    public INeighbourSearch Search { get; }

    public GroupUpdater Updater { get; }

    public Reconciler Reconciler { get; }

    public Repair Repair { get; }

    public GiantRegrouper Giants { get; }

    public CatchUp CatchUp { get; }

    public ShadowKeeper Keeper { get; }

    public Activation Activation { get; }

    /// <summary>Reconciles and regroups what is pending until nothing is.</summary>
    public async Task<ReconcileOutcome> SettleAsync(CancellationToken cancellationToken)
    {
        var outcome = await Reconciler.RunAsync(cancellationToken);
        var start = TimeProvider.System.GetTimestamp();
        while (await Giants.RunOnceAsync(cancellationToken) || await IsPendingAsync(cancellationToken))
        {
            // One that died may hold its lock until the server notices.
            Xunit.Assert.True(TimeProvider.System.GetElapsedTime(start) < TimeSpan.FromMinutes(1), "something stays pending");
            await Task.Yield();
        }

        return outcome!;
    }

    private async Task<bool> IsPendingAsync(CancellationToken cancellationToken)
    {
        await using var command = DataSource.CreateCommand(
            "select exists (select from cpf.group_members join cpf.models using (model_id) where pending and state = 'active')");
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public void Dispose()
    {
        _gallery.Dispose();
        Tiles.Dispose();
    }
}
