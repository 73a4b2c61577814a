using System.Buffers.Binary;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Pgvector;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Candidates;

/// <summary>
/// A catalogue of made-up features with an active model on them: products are clouds, and the first axes differ more between pictures of a
/// product than between products, which the active head (the feature itself) suffers from and a trained one need not.
/// </summary>
internal sealed class NightCatalogue : IAsyncDisposable
{
    public const int FeatureDim = 24;
    private const int Pictures = 5;
    private const int NoisyAxes = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-night-");
    private readonly Random _random = new(1);
    private int _product;

    private NightCatalogue(TestDatabase database) =>
        (Database, Blobs) = (database, new FolderBlobStore(Path.Combine(_folder.FullName, "blobs")));

    public TestDatabase Database { get; }

    public FolderBlobStore Blobs { get; }

    public ServingModel Active { get; private set; } = null!;

    public string WorkFolder => Path.Combine(_folder.FullName, "work");

    public CandidateBuilder Builder =>
        new(Database.DataSource, Blobs, () => TrainerDecoders.Open(TimeProvider.System), TimeProvider.System);

    public CandidateRequest Training =>
        new() { Active = Active, Kind = TrainingRunKind.Training, WorkFolder = WorkFolder, EmbeddingDim = 8, Epochs = 3 };

    public static async Task<NightCatalogue> CreateAsync(TestDatabase database, double threshold = .97)
    {
        var catalogue = new NightCatalogue(database);
        var head = HeadFile.Load(HeadStart.Frozen(FeatureDim).ToOnnx("the feature"), "head");
        await catalogue.Blobs.WriteAsync(head.Sha256, head.Bytes, default);

        // Only the gate's made-up pictures go through it.
        var backbone = BackboneFile.Load(
            ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, FeatureDim], Blocks = [1, 1] }, 1), "backbone");
        await catalogue.Blobs.WriteAsync(backbone.Sha256, backbone.Bytes, default);
        var models = new ModelStore(database.DataSource);
        await models.RegisterActiveAsync(
            new NewModel(
                backbone.Sha256.ToArray(), FeatureDim, "{}", head.Sha256.ToArray(), FeatureDim, threshold, "{}"), (_, _) => [], default);
        catalogue.Active = (await models.GetActiveAsync(default))!;
        return catalogue;
    }

    /// <summary>Products of each use, five pictures each, with their keys.</summary>
    /// <param name="counts">Products to train, to validate, to test.</param>
    /// <param name="source">Whose keys they are; null: global.</param>
    /// <param name="keyOf">The key a picture is given, from its product's.</param>
    public async Task<List<long>> AddAsync(
        (int Train, int Validation, int Test) counts, string? source = null, Func<string, int, string?>? keyOf = null)
    {
        var rows = new List<(long Id, Half[] Feature, string? Key)>();
        var left = new Dictionary<ClassUse, int> { [ClassUse.Train] = counts.Train, [ClassUse.Validation] = counts.Validation,
            [ClassUse.Test] = counts.Test };
        while (left.Values.Sum() > 0)
        {
            var key = FormattableString.Invariant($"product {_product++}");
            var use = new ClassKey(source, key).Use;
            if (left[use]-- <= 0)
            {
                left[use] = 0;
                continue;
            }

            var centre = Enumerable.Range(0, FeatureDim).Select(_ => .8 + (.3 * Noise())).ToArray();
            for (var i = 0; i < Pictures; i++)
            {
                var feature = centre.Select((v, k) => (Half)(v + ((k < NoisyAxes ? .7 : .1) * Noise()))).ToArray();
                rows.Add((((long)_product * 100) + i, feature, keyOf is null ? key : keyOf(key, i)));
            }
        }

        await StoreAsync(rows, source);
        return [.. rows.Select(r => r.Id)];

        double Noise() => (2 * _random.NextDouble()) - 1;
    }

    /// <summary>Gives every image of the uses the key of some other one.</summary>
    public async Task ShuffleKeysAsync(params ClassUse[] uses)
    {
        var rows = (
            await Database.QueryAsync("select image_id, product_key from cpf.images where product_key is not null order by content_id"))
            .Where(r => uses.Contains(new ClassKey(null, (string)r[1]!).Use)).ToList();
        var keys = rows.Select(r => (string)r[1]!).ToArray();
        new Random(5).Shuffle(keys);
        await Database.ExecuteAsync(
            """
            update cpf.images i set product_key = t.key from unnest($1::uuid[], $2::text[]) as t(image_id, key)
                where i.image_id = t.image_id
            """,
            rows.Select(r => (Guid)r[0]!).ToArray(), keys);
    }

    /// <summary>Contents with a feature and an embedding, each shown by one image.</summary>
    public async Task StoreAsync(IReadOnlyList<(long Id, Half[] Feature, string? Key)> rows, string? source = null)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync();
        await using (var contents = await connection.BeginBinaryImportAsync(
            "copy cpf.contents (content_id, sha256, format, width, height, byte_length) from stdin (format binary)"))
        {
            foreach (var (id, _, _) in rows)
            {
                var hash = new byte[32];
                BinaryPrimitives.WriteInt64BigEndian(hash, id << 1);
                await contents.WriteRowAsync(default, id, hash, "png", 1, 1, 1L);
            }

            await contents.CompleteAsync();
        }

        await using (var images = await connection.BeginBinaryImportAsync(
            "copy cpf.images (image_id, source, external_id, uri, product_key, key_scope, content_id, state, revision) from stdin (format "
                + "binary)"))
        {
            foreach (var (id, _, key) in rows)
            {
                var (owner, name) = (source ?? "s", FormattableString.Invariant($"{id}"));
                await images.WriteRowAsync(
                    default, ImageId.From(owner, name), owner, name, "x", (object?)key ?? DBNull.Value,
                    source is null ? "global" : "source", id, "stored", 1L);
            }

            await images.CompleteAsync();
        }

        var head = new ContentVectors(FeatureDim, [.. rows.SelectMany(r => r.Feature)]);
        var embedded = HeadVectors.Compute(
            HeadFile.Load(HeadStart.Frozen(FeatureDim).ToOnnx("the feature"), "head"), head, default).Vectors;
        await VectorsAsync(
            connection, "features (backbone_id, content_id, feature)", Active.BackboneId, rows.Select((r, _) => (r.Id, r.Feature)));
        await VectorsAsync(connection, "embeddings (head_id, content_id, embedding)", Active.HeadId,
            rows.Select((r, i) => (r.Id, embedded.Row(i).ToArray())));
    }

    public async ValueTask DisposeAsync()
    {
        await Database.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task VectorsAsync(
        Npgsql.NpgsqlConnection connection, string table, long owner, IEnumerable<(long Id, Half[] Values)> rows)
    {
        await using var importer = await connection.BeginBinaryImportAsync($"copy cpf.{table} from stdin (format binary)");
        foreach (var (id, values) in rows)
        {
            await importer.StartRowAsync();
            await importer.WriteAsync(owner);
            await importer.WriteAsync(id);
            await importer.WriteAsync(new HalfVector(values));
        }

        await importer.CompleteAsync();
    }
}
