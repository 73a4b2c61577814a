using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Offline;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using CpfPipeline.Vocabulary;
using Pgvector;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Nights.Candidates;

/// <summary>Nights of a catalogue without product keys.</summary>
public sealed class CopyNightTests(TestDatabases databases) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-copy-night-").FullName;

    private FolderBlobStore Blobs => new(Path.Combine(_folder, "blobs"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task BuildAsync_PicturesWithoutKeys_LearnsFromTheirCopiesOrSaysHowManyAreMissing()
    {
        await using var database = await databases.CreateAsync();
        var active = await ActivateAsync(database);
        await AddAsync(database, active, 0, 60);

        var few = Assert.IsType<CandidateOutcome.TooLittleData>(await BuildAsync(database, active, TrainingRunKind.Training));
        Assert.Contains("Nor are there pictures enough to learn from edited copies", few.Reason, StringComparison.Ordinal);

        await AddAsync(database, active, 60, 300);
        var made = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(database, active, TrainingRunKind.Training));
        var report = JsonDocument.Parse(made.ReportJson).RootElement;
        Assert.Equal("copies", report.GetProperty("learned_from").GetString());
        Assert.Equal("copies", JsonDocument.Parse(made.Facts.CountsJson).RootElement.GetProperty("learned_from").GetString());
        Assert.Equal(.6, report.GetProperty("gate").GetProperty("target_precision").GetDouble());
        Assert.True(report.GetProperty("f1").GetDouble() > .2, made.Reason);

        // Contents are compared with later ones; copies are none.
        Assert.Equal(300, report.GetProperty("similarity_histogram").GetProperty("gallery").GetInt32());

        var threshold = Assert.IsType<CandidateOutcome.Made>(await BuildAsync(database, active, TrainingRunKind.Threshold));
        Assert.Equal(active.HeadSha256, threshold.HeadSha256);
    }

    private Task<CandidateOutcome> BuildAsync(TestDatabase database, ServingModel active, string kind) =>
        new CandidateBuilder(database.DataSource, Blobs, () => TrainerDecoders.Open(TimeProvider.System), TimeProvider.System).BuildAsync(
            new CandidateRequest
            {
                Active = active, Kind = kind, WorkFolder = Path.Combine(_folder, "work"), EmbeddingDim = 8, Epochs = 2, CopyPrecision = .6,
            },
            (_, _, _) => { }, TestContext.Current.CancellationToken);

    private async Task<ServingModel> ActivateAsync(TestDatabase database)
    {
        var backbone = BackboneFile.Load(
            ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] }, 1), "tiny");
        var head = HeadFile.Load(HeadBuilder.Identity(backbone.Spec.FeatureDim), "identity");
        await Blobs.WriteAsync(backbone.Sha256, backbone.Bytes, default);
        await Blobs.WriteAsync(head.Sha256, head.Bytes, default);
        var models = new ModelStore(database.DataSource);
        await models.RegisterActiveAsync(
            new NewModel(
                backbone.Sha256.ToArray(), backbone.Spec.FeatureDim, "{}", head.Sha256.ToArray(), head.Spec.EmbeddingDim, .99, "{}"),
            (_, _) => [], default);
        return (await models.GetActiveAsync(default))!;
    }

    // Each picture is a group by itself.
    private async Task AddAsync(TestDatabase database, ServingModel active, int from, int to)
    {
        var backbone = BackboneFile.Load(await Blobs.ReadAsync(active.BackboneSha256, default), "tiny");
        using var session = new BackboneSession(backbone, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        var (decoder, batch) = (new ImageDecoder(new ImageLimits(), TimeProvider.System), new PixelBatch(backbone.Spec.Input, 1));
        for (var i = from; i < to; i++)
        {
            var png = TrainingPictures.Png(2_000 + i, 0);
            var (sha256, feature) = (SHA256.HashData(png), new Half[active.FeatureDim]);
            await Blobs.WriteAsync(sha256, png, default);
            Assert.True(decoder.Decode(png, backbone.Spec.Input, batch.Row(0)).IsOk);
            session.Run(batch, 1, feature, new string?[1]);
            await database.ExecuteAsync(
                """
                with content as (
                    insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
                    values ($1, $2, 'png', 24, 24, 1)
                ), image as (
                    insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision)
                    values ($3, 's', $4, 'x', $1, 'stored', 1)
                ), feature as (
                    insert into cpf.features (backbone_id, content_id, feature) values ($5, $1, $6)
                ), embedding as (
                    insert into cpf.embeddings (head_id, content_id, embedding) values ($7, $1, $6)
                )
                insert into cpf.group_members (model_id, content_id, group_id, component_id) values ($8, $1, $1, $1)
                """,
                ContentId.FromSha256(sha256), sha256, ImageId.From("s", $"{i}"), $"{i}", active.BackboneId, new HalfVector(feature),
                active.HeadId, active.ModelId);
        }
    }
}
