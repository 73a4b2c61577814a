using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.FullDepth;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Tests.Integration.Contracts.Vision.Decoders;
using CpfPipeline.Tests.Integration.Trainer.Offline;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Features;

/// <summary>What training makes of pictures is the same whether they are decoded in this process or in others.</summary>
public sealed class PictureFeaturesTests : IDisposable
{
    private static readonly ImageDecoder Within = new(new ImageLimits(), TimeProvider.System);

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;
    private readonly BackboneFile _backbone = BackboneFile.Load(
        ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] }, 1), "tiny");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Features_OfProcessesThatDecode_AreThoseOfThisProcess()
    {
        using var session = new BackboneSession(_backbone, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        using var pool = TrainerDecoders.Open(TimeProvider.System);
        string[] paths = [.. Enumerable.Range(0, 6).Select(i => Write($"{i}.png", TrainingPictures.Png(i, 0))), Write("7.png", "x"u8)];

        var (ours, theirs) = (Compute(session, Within, paths), Compute(session, pool, paths));
        Assert.Equal(ours.Values, theirs.Values);
        Assert.Equal(ours.Refused, theirs.Refused);
        Assert.Equal([6], ours.Refused.Select(r => r.Picture));

        int[] copies = [2, 0, 1, 0, 0, 3, 2];
        var (ourFamilies, theirFamilies) = (Families(session, Within, paths, copies), Families(session, pool, paths, copies));
        Assert.Equal([2, 0, 1, 0, 0, 3, null], ourFamilies.Select(f => f?.Copies.Count));
        Assert.Equal(ourFamilies.Select(Values), theirFamilies.Select(Values));

        var (ourPixels, theirPixels) = (Decoded(Within, paths), Decoded(pool, paths));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => ourPixels[i].Pixels), Enumerable.Range(0, 6).Select(i => theirPixels[i].Pixels));
        Assert.Equal(ourPixels.Refused, theirPixels.Refused);
    }

    [Fact]
    public void Features_OfAPictureThatEndsItsProcess_AreMissingAndTheOthersAreThere()
    {
        using var session = new BackboneSession(_backbone, new SessionSettings { Provider = ExecutionProviderRequest.Cpu });
        using var pool = ProbePool.Of(ProbePool.Settings(2));
        string[] paths =
        [
            Write("a.png", TrainingPictures.Png(1, 0)), Write("b.jpg", ProbePool.Asking("crash")),
            Write("c.png", TrainingPictures.Png(2, 0)),
        ];

        var features = Compute(session, pool, paths);

        Assert.Equal([(1, RejectReasons.DecoderCrashed)], features.Refused.Select(r => (r.Picture, r.Reason)));
        Half[] found = [.. features.Row(0), .. features.Row(2)];
        Assert.Equal(Compute(session, Within, [paths[0], paths[2]]).Values, found);
    }

    private static PictureFeatures Compute(BackboneSession session, IPictureDecoder decoder, string[] paths) =>
        PictureFeatures.Compute(session, paths, decoder, null, TestContext.Current.CancellationToken);

    private static FeatureExtractor.Family?[] Families(BackboneSession session, IPictureDecoder decoder, string[] paths, int[] copies) =>
        new FeatureExtractor(session, decoder).Extract(
            paths, copies, EditedCopies.All, seed: 1, null, TestContext.Current.CancellationToken);

    private static IEnumerable<float> Values(FeatureExtractor.Family? family) =>
        family is null ? [] : family.Copies.Prepend(family.Original).SelectMany(v => v);

    private DecodedPictures Decoded(IPictureDecoder decoder, string[] paths) => DecodedPictures.Open(
        [.. paths.Select(p => (Func<byte[]>)(() => File.ReadAllBytes(p)))], _backbone.Spec.Input, 1.15, maxBytes: 0, decoder,
        TestContext.Current.CancellationToken);

    private string Write(string name, ReadOnlySpan<byte> bytes)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }
}
