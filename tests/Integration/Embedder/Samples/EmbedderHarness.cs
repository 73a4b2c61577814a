using System.Reflection;
using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder;
using CpfPipeline.Embedder.Devices;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Embedder.Serving;
using CpfPipeline.Hosting.Outbox;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Decode;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NetVips;

namespace CpfPipeline.Tests.Integration.Embedder.Samples;

/// <summary>The Embedder's services over a real database, without a broker.</summary>
internal sealed class EmbedderHarness : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-embedder-");
    private readonly FeatureWorkers _workers;

    public EmbedderHarness(
        TestDatabase database, int batchSize = 0, Func<IBlobStore, IBlobStore>? decorate = null, IBlobStore? blobs = null)
    {
        Database = database;
        Blobs = blobs ?? new FolderBlobStore(_folder.FullName);
        Models = new ModelStore(database.DataSource);
        var options = Options.Create(new EmbedderOptions { Workers = 2, BatchSize = batchSize });
        var metrics = new EmbedderMetrics();
        var backbones = new BackboneOpener(options, metrics, TimeProvider.System, NullLogger<BackboneOpener>.Instance);
        Serving = new ServingModels(Models, Blobs, backbones, TimeProvider.System, NullLogger<ServingModels>.Instance);
        _workers = new FeatureWorkers(decorate?.Invoke(Blobs) ?? Blobs, Decoder, options, NullLogger<FeatureWorkers>.Instance);
        var store = new EmbeddingStore(database.DataSource);
        Dispatcher = new OutboxDispatcher(
            DispatchProxy.Create<IBus, BrokenBus>(), database.DataSource, TimeProvider.System, NullLogger<OutboxDispatcher>.Instance);
        Embedder = new ContentEmbedder(
            Serving, new BatchComputation(store, _workers, NullLogger<BatchComputation>.Instance), store,
            new ContentRejectionStore(database.DataSource), Dispatcher, metrics, TimeProvider.System, NullLogger<ContentEmbedder>.Instance);
    }

    /// <summary>Within this process: what its processes do is tested elsewhere.</summary>
    public static IPictureDecoder Decoder { get; } = new ImageDecoder(new ImageLimits(), TimeProvider.System);

    public TestDatabase Database { get; }

    public IBlobStore Blobs { get; }

    public string BlobFolder => _folder.FullName;

    public ModelStore Models { get; }

    public ServingModels Serving { get; }

    public FeatureWorkers Workers => _workers;

    public ContentEmbedder Embedder { get; }

    public OutboxDispatcher Dispatcher { get; }

    /// <summary>A picture of seeded blocks, as PNG.</summary>
    public static byte[] Picture(int seed)
    {
        const int side = 64;
        var random = new Random(seed);
        var pixels = new byte[side * side * 3];
        var colours = new byte[16 * 3];
        random.NextBytes(colours);
        for (var i = 0; i < side * side; i++)
        {
            var block = (i / side / 16 * 4) + (i % side / 16);
            colours.AsSpan(block * 3, 3).CopyTo(pixels.AsSpan(i * 3));
        }

        return Save(pixels, side);
    }

    public static byte[] Black() => Save(new byte[64 * 64 * 3], 64);

    /// <summary>Stores bytes as Ingest would, with one live image; returns the content's id.</summary>
    public async Task<long> StoreAsync(byte[] bytes, bool withBlob = true)
    {
        var sha256 = SHA256.HashData(bytes);
        var id = ContentId.FromSha256(sha256);
        if (withBlob)
        {
            await Blobs.WriteAsync(sha256, bytes, default);
        }

        await Database.ExecuteAsync(
            "insert into cpf.contents (content_id, sha256, format, width, height, byte_length) values ($1, $2, 'png', 64, 64, $3)",
            id, sha256, (long)bytes.Length);
        await LinkAsync(id, $"first of {id}");
        return id;
    }

    public Task LinkAsync(long contentId, string externalId) => Database.ExecuteAsync(
        """
        insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision)
        values ($1, 'shop', $2, 'file:///x', $3, 'stored', 7)
        """, ImageId.From("shop", externalId), externalId, contentId);

    /// <summary>Stored vectors as text, by content.</summary>
    public async Task<Dictionary<long, string>> VectorsAsync(string table, string owner, long id) =>
        (await Database.QueryAsync($"select content_id, {table[..^1]}::text from cpf.{table} where {owner} = $1", id))
            .ToDictionary(row => (long)row[0]!, row => (string)row[1]!);

    public Task<Dictionary<long, string>> EmbeddingsAsync(ServingModel model) => VectorsAsync("embeddings", "head_id", model.HeadId);

    /// <summary>Payloads of a type in the outbox, in order.</summary>
    public async Task<List<string>> OutboxAsync(string type) =>
        [.. (await Database.QueryAsync("select payload::text from cpf.outbox where type = $1 order by seq", type))
            .Select(row => (string)row[0]!)];

    public async ValueTask DisposeAsync()
    {
        _workers.Dispose();
        Serving.Dispose();
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static byte[] Save(byte[] pixels, int side)
    {
        using var image = Image.NewFromMemory(pixels, side, side, 3, Enums.BandFormat.Uchar);
        return image.PngsaveBuffer();
    }
}
