using System.Collections.Concurrent;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Pressure;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>Ingest without bus and HTTP, on a database and a blob folder of its own, or on a given store.</summary>
internal sealed class IngestHarness : IAsyncDisposable
{
    private readonly HttpExchange _exchange;
    private readonly S3Store _objects;
    private readonly FileFetcher _files;

    public IngestHarness(TestDatabase database, IngestOptions? options = null, IBlobStore? blobs = null)
    {
        Database = database;
        Folder = Directory.CreateTempSubdirectory("cpf-ingest-").FullName;
        Options = options ?? new IngestOptions();
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        Blobs = blobs ?? new FolderBlobStore(Path.Combine(Folder, "blobs"));
        Tombstones = new TombstoneStore(database.DataSource, Key);
        Store = new ImageStore(database.DataSource, Key);
        Feeds = new FeedStore(database.DataSource);
        Gates = new HostGates(wrapped, TimeProvider.System);
        var connector = new GuardedConnector(wrapped, new SystemNetwork());
        var hosts = new HostRule(wrapped);
        _exchange = new HttpExchange(wrapped, hosts, connector, TimeProvider.System);
        _objects = new S3Store(wrapped, connector);
        _files = new FileFetcher(wrapped, NullLogger<FileFetcher>.Instance);
        var attempt = new FetchAttempt(wrapped, Gates, new SlowSources(wrapped, TimeProvider.System), TimeProvider.System);
        Fetcher = new SourceFetcher(
            _files, new HttpFetcher(wrapped, hosts, _exchange, attempt), new S3Fetcher(wrapped, _objects, attempt));
        Gate = new IntakeGate(wrapped);
        Intake = NewIntake(Fetcher, wrapped);
    }

    public TestDatabase Database { get; }

    public TombstoneKey Key { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    public TombstoneStore Tombstones { get; }

    public string Folder { get; }

    public IngestOptions Options { get; }

    public IBlobStore Blobs { get; }

    public ImageStore Store { get; }

    public FeedStore Feeds { get; }

    public DueFeeds Due => new(Database.DataSource);

    public IImageFetcher Fetcher { get; }

    public ImageIntake Intake { get; }

    public HostGates Gates { get; }

    public IntakeGate Gate { get; }

    public ConcurrentQueue<OutboxMessage> Published { get; } = [];

    public FeedRun NewFeedRun()
    {
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        return new FeedRun(
            [new FolderFeedReader(), new CsvFeedReader(), new NdjsonFeedReader(),
                new MerchantTsvFeedReader(), new MerchantXmlFeedReader()],
            Intake, new ConfirmedRows(Database.DataSource), _files, Feeds, new KnownFeedStore(Database.DataSource),
            new SnapshotRetraction(Intake, new SnapshotStore(Database.DataSource), wrapped), Gate, wrapped, TimeProvider.System,
            NullLogger<FeedRun>.Instance);
    }

    /// <summary>What brings feeds by URL to the folder <c>feeds</c>.</summary>
    public FeedArrival NewFeedArrival()
    {
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        Options.DownloadFolder = Path.Combine(Folder, "feeds");
        var spool = new FeedSpool(wrapped, new ConfigurationBuilder().Build());
        var downloads = new FeedDownloadStore(Database.DataSource);
        return new FeedArrival(
            new FeedDownload(_exchange, Gates, spool, downloads, wrapped, TimeProvider.System), spool, downloads,
            new KnownFeedStore(Database.DataSource), _files, Feeds, wrapped, TimeProvider.System,
            NullLogger<FeedArrival>.Instance);
    }

    /// <summary>Queues a feed by URL, downloads it once and, if it came, reads it to its end.</summary>
    public async Task<Feed> RunUrlAsync(string url, string format = "csv", bool snapshot = false, bool refetch = false)
    {
        var feedId = await Feeds.AddAsync(
            new NewFeed("s", null, format, null, snapshot, TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())
            {
                Url = url, Refetch = refetch,
            }, default);
        return await ContinueUrlAsync(feedId);
    }

    /// <summary>Tries a feed by URL again.</summary>
    public async Task<Feed> ContinueUrlAsync(long feedId)
    {
        await Feeds.StartAsync(feedId, default);
        var arrival = NewFeedArrival();
        if (await arrival.FetchAsync((await Feeds.FindAsync(feedId, default))!, default) is { } feed)
        {
            await NewFeedRun().RunAsync(feed, default);
            arrival.Forget(feed);
        }

        return (await Feeds.FindAsync(feedId, default))!;
    }

    /// <summary>Queues a feed and reads it to its end.</summary>
    public async Task<Feed> RunFeedAsync(string path, string format, bool snapshot = false, string source = "s", long? revision = null)
    {
        var feedId = await Feeds.AddAsync(new NewFeed(source, path, format, null, snapshot,
            revision ?? TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()), default);
        await Feeds.StartAsync(feedId, default);
        await NewFeedRun().RunAsync((await Feeds.FindAsync(feedId, default))!, default);
        return (await Feeds.FindAsync(feedId, default))!;
    }

    /// <summary>(external id, state) of every image, by external id.</summary>
    public async Task<List<(string ExternalId, string State)>> StatesAsync() =>
        [.. (await Database.QueryAsync("select external_id, state from cpf.images order by external_id collate \"C\"")).Select(
            r => ((string)r[0]!, (string)r[1]!))];

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, "in", name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        _exchange.Dispose();
        _objects.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private ImageIntake NewIntake(IImageFetcher fetcher, IOptions<IngestOptions> options)
    {
        var metrics = new IngestMetrics();
        return new ImageIntake(
            new ContentIntake(fetcher, Blobs, Tombstones, options, metrics, TimeProvider.System),
            Store, Tombstones, Blobs,
            (rows, _) =>
            {
                foreach (var row in rows)
                {
                    Published.Enqueue(row);
                }

                return Task.CompletedTask;
            },
            options, metrics, NullLogger<ImageIntake>.Instance);
    }
}
