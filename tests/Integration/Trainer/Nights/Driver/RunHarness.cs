using System.Reflection;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Nights;
using CpfPipeline.Nights.Driver;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Tests.Integration.Embedder.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Pgvector;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Driver;

/// <summary>
/// Drivers of runs over a real database with a catalogue of stored features, a stand-in for training and a played Matcher.
/// </summary>
internal sealed class RunHarness : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-runs-");

    private RunHarness(TestDatabase database)
    {
        Database = database;
        Blobs = new FolderBlobStore(Path.Combine(_folder.FullName, "blobs"));
        Settings = new NightOptions { WorkFolder = Path.Combine(_folder.FullName, "work"), BackfillChunk = 16, BackfillThreads = 2 };
        Runs = new TrainingRunStore(database.DataSource);
        Models = new ModelStore(database.DataSource);
        List = new ModelListStore(database.DataSource);
        Desk = new RunDesk(Runs, Models, List, Signal, NullLogger<RunDesk>.Instance);
    }

    public TestDatabase Database { get; }

    public FolderBlobStore Blobs { get; }

    public string BlobFolder => Path.Combine(_folder.FullName, "blobs");

    public NightOptions Settings { get; }

    public StandInBuilder Builder { get; } = new();

    public RunSignal Signal { get; } = new();

    public TrainingRunStore Runs { get; }

    public ModelStore Models { get; }

    public ModelListStore List { get; }

    public RunDesk Desk { get; }

    public ServingModel First { get; private set; } = null!;

    /// <summary>A catalogue of contents with features and embeddings under an active model, grouped ten and ten.</summary>
    public static async Task<RunHarness> CreateAsync(TestDatabases databases, int contents = 100)
    {
        var harness = new RunHarness(await databases.CreateAsync(TestContext.Current.CancellationToken));
        harness.First = await TinyModels.ActivateAsync(harness.Models, harness.Blobs, TinyModels.Backbone(), TinyModels.Head());
        await harness.AddContentsAsync(1, contents);
        await harness.Database.ExecuteAsync(
            """
            insert into cpf.embeddings (head_id, content_id, embedding) select $1, content_id, array_fill(0.35, array[8])::vector::halfvec
                from cpf.features
            """, harness.First.HeadId);
        await PlayedMatcher.GroupAsync(harness.Database, harness.First.ModelId, 10);
        return harness;
    }

    /// <summary>Live contents with a feature and no embedding.</summary>
    public async Task AddContentsAsync(int first, int count)
    {
        var random = new Random(first);
        await Database.ExecuteAsync(
            """
            insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
            select i, sha256(i::text::bytea), 'png', 1, 1, 1 from generate_series($1, $2) as i
            """, first, first + count - 1);
        await Database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision)
            select gen_random_uuid(), 's', i::text, 'x', i, 'stored', 1 from generate_series($1, $2) as i
            """, first, first + count - 1);
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        await using var importer = await connection.BeginBinaryImportAsync(
            "copy cpf.features (backbone_id, content_id, feature) from stdin (format binary)");
        for (var i = 0; i < count; i++)
        {
            await importer.StartRowAsync();
            await importer.WriteAsync(First.BackboneId);
            await importer.WriteAsync((long)(first + i));
            await importer.WriteAsync(
                new HalfVector(Enumerable.Range(0, TinyModels.FeatureDim).Select(_ => (Half)random.NextSingle()).ToArray()));
        }

        await importer.CompleteAsync();
    }

    /// <summary>A driver as another process has it.</summary>
    public RunDriver Driver(NpgsqlDataSource? dataSource = null)
    {
        dataSource ??= Database.DataSource;
        var options = Options.Create(Settings);
        var dispatcher = new OutboxDispatcher(
            DispatchProxy.Create<IBus, BrokenBus>(), dataSource, TimeProvider.System, NullLogger<OutboxDispatcher>.Instance);
        var (transitions, backfills, metrics) = (new ModelTransitions(dataSource), new BackfillStore(dataSource), new RunMetrics());
        var backfill = new Backfill(
            backfills, Blobs, dataSource, dispatcher.DispatchAsync, metrics, options, TimeProvider.System, NullLogger<Backfill>.Instance);
        var handover = new HandoverSteps(
            backfill, new ShadowIndex(dataSource, backfills, options, TimeProvider.System, NullLogger<ShadowIndex>.Instance), transitions,
            new ModelRetention(dataSource),
            new MatcherWait(new ModelPreparationStore(dataSource), TimeProvider.System), new ModelDiffStore(dataSource),
            new ModelListStore(dataSource), options, NullLogger<HandoverSteps>.Instance);
        return new RunDriver(
            dataSource, new ModelStore(dataSource),
            new CandidateRegistration(Builder, transitions, Blobs, options, NullLogger<CandidateRegistration>.Instance), handover,
            new RunEnding(
                new ModelStore(dataSource), transitions, handover, dispatcher.DispatchAsync, metrics, options,
                NullLogger<RunEnding>.Instance),
            TimeProvider.System, NullLogger<RunDriver>.Instance);
    }

    public async Task<TrainingRun> StartAsync(RunOrder? order = null, string? key = null) =>
        Assert.IsType<RunAsked.Started>(
            await Desk.AskAsync(order ?? new RunOrder(TrainingRunKind.Training), "http", key, TestContext.Current.CancellationToken)).Run;

    /// <summary>Starts a run and drives it to its end.</summary>
    public async Task<TrainingRun> RunAsync(RunOrder? order = null)
    {
        var run = await StartAsync(order);
        await DriveAsync();
        return (await Runs.FindAsync(run.RunId, TestContext.Current.CancellationToken))!;
    }

    public async Task DriveAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));

        // The server may not have noticed yet that the last driver is gone.
        await Until.TrueAsync(() => Driver().DriveAsync(limit.Token));
    }

    public Task<string> StateOfAsync(long modelId) =>
        Database.ScalarAsync<string>("select state from cpf.models where model_id = $1", modelId);

    /// <summary>How many contents are embedded under a model.</summary>
    public Task<long> EmbeddedAsync(long modelId) => Database.ScalarAsync<long>(
        "select count(*) from cpf.embeddings join cpf.models using (head_id) where model_id = $1", modelId);

    /// <summary>TrainingFinished messages of a run in the outbox.</summary>
    public async Task<List<string>> AnswersAsync(Guid runId) =>
        [.. (await Database.QueryAsync(
            """
            select payload::text from cpf.outbox where type = 'TrainingFinished' and payload ->> 'runId' = $1 order by seq
            """, runId.ToString())).Select(r => (string)r[0]!)];

    public async ValueTask DisposeAsync()
    {
        Signal.Dispose();
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
