using System.Collections.Concurrent;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>Ingest without bus and HTTP, on a database and a blob folder of its own.</summary>
internal sealed class IngestHarness : IAsyncDisposable
{
    private readonly HttpFetcher _http;

    public IngestHarness(TestDatabase database, IngestOptions? options = null)
    {
        Database = database;
        Folder = Directory.CreateTempSubdirectory("cpf-ingest-").FullName;
        Options = options ?? new IngestOptions();
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        Blobs = new FolderBlobStore(Path.Combine(Folder, "blobs"));
        Tombstones = new TombstoneStore(database.DataSource, Key);
        Store = new ImageStore(database.DataSource, Key);
        Feeds = new FeedStore(database.DataSource);
        Gates = new HostGates(wrapped, TimeProvider.System);
        _http = new HttpFetcher(wrapped, new GuardedConnector(wrapped), Gates, TimeProvider.System);
        Fetcher = new SourceFetcher(new FileFetcher(wrapped), _http);
        Intake = NewIntake(Fetcher, wrapped);
    }

    public TestDatabase Database { get; }

    public TombstoneKey Key { get; } = new([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);

    public TombstoneStore Tombstones { get; }

    public string Folder { get; }

    public IngestOptions Options { get; }

    public FolderBlobStore Blobs { get; }

    public ImageStore Store { get; }

    public FeedStore Feeds { get; }

    public IImageFetcher Fetcher { get; }

    public ImageIntake Intake { get; }

    public HostGates Gates { get; }

    public ConcurrentQueue<OutboxMessage> Published { get; } = [];

    public FeedRun NewFeedRun()
    {
        var wrapped = Microsoft.Extensions.Options.Options.Create(Options);
        return new FeedRun(
            [new FolderFeedReader(), new CsvFeedReader(), new NdjsonFeedReader(), new MerchantTsvFeedReader(), new MerchantXmlFeedReader()],
            Intake, Feeds, new SnapshotRetraction(Intake, new SnapshotStore(Database.DataSource), wrapped), wrapped);
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
        _http.Dispose();
        await Database.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private ImageIntake NewIntake(IImageFetcher fetcher, IOptions<IngestOptions> options)
    {
        var metrics = new IngestMetrics();
        return new ImageIntake(
            new ContentIntake(fetcher, Blobs, Tombstones, options, metrics),
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
