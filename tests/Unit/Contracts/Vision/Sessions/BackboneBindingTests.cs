using CpfPipeline.Tests.Oracle;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using CpfPipeline.Vocabulary;
using Xunit;
using DataType = CpfPipeline.Vision.Onnx.TensorProto.Types.DataType;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Sessions;

public sealed class BackboneBindingTests
{
    private static readonly SessionSettings Cpu = new() { Provider = ExecutionProviderRequest.Cpu };

    [Fact]
    public void Run_OtherNeighboursOrNone_SameBits()
    {
        using var session = new BackboneSession(BackboneFile.Load(FilterBankBackbone.Write(), "bank"), Cpu);
        using var binding = new BackboneBinding(session, 4);
        var pictures = Pictures(session.Spec, 4);

        var full = Run(binding, session.Spec, pictures);
        var alone = Run(binding, session.Spec, pictures[..1]);
        var others = Run(binding, session.Spec, [pictures[0], pictures[3], pictures[2]]);

        var dim = session.Spec.FeatureDim;
        Assert.Equal(full[..dim], alone);
        Assert.Equal(full[..dim], others[..dim]);
        Assert.Equal(full[(2 * dim)..(3 * dim)], others[(2 * dim)..(3 * dim)]);
    }

    [Fact]
    public void Run_OneRow_SameBitsAsTheSessionAlone()
    {
        using var session = new BackboneSession(BackboneFile.Load(FilterBankBackbone.Write(), "bank"), Cpu);
        using var binding = new BackboneBinding(session, 1);
        var picture = Pictures(session.Spec, 1);

        Assert.Equal(OnSession(session, picture[0]), Run(binding, session.Spec, picture));
    }

    [Theory]
    [InlineData(DataType.Float, DataType.Float)]
    [InlineData(DataType.Float16, DataType.Float16)]
    [InlineData(DataType.Float16, DataType.Float)]
    [InlineData(DataType.Float, DataType.Float16)]
    public void Run_HalfOrFloatGraph_GivesTheMean(DataType input, DataType output)
    {
        using var session = new BackboneSession(BackboneFile.Load(MeanColour.Write(input, output), "mean"), Cpu);
        using var binding = new BackboneBinding(session, 3);
        var pictures = Pictures(session.Spec, 2);

        var features = Run(binding, session.Spec, pictures);

        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(pictures[i / 3].Slice(i % 3 * 16, 16).ToArray().Average(), (float)features[i], 1e-3f);
        }

        Assert.Equal(features[..3], OnSession(session, pictures[0]));
    }

    [Theory]
    [InlineData(DataType.Float)]
    [InlineData(DataType.Float16)]
    public void Run_PoisonPicture_IsRefusedAlone(DataType type)
    {
        using var session = new BackboneSession(BackboneFile.Load(MeanColour.Write(type, type), "mean"), Cpu);
        using var binding = new BackboneBinding(session, 3);
        var (features, reasons) = (new Half[9], new string?[3]);
        var pictures = Pictures(session.Spec, 1);

        binding.Run([Filled(float.NaN), pictures[0], Filled(0)], features, reasons);

        Assert.Equal([RejectReasons.NotFinite, null, RejectReasons.NoFeature], reasons);
        Assert.All(features[..3], v => Assert.Equal(Half.Zero, v));
    }

    [Fact]
    public void Load_InputOfDoubles_IsRefused()
    {
        var e = Assert.Throws<ModelFileException>(() => BackboneFile.Load(MeanColour.Write(DataType.Double, DataType.Float), "mean"));
        Assert.Contains("not [N,3,H,W] float32 or float16", e.Message);
    }

    private static ReadOnlyMemory<float> Filled(float value) => Enumerable.Repeat(value, 48).ToArray();

    private static ReadOnlyMemory<float>[] Pictures(BackboneSpec spec, int count)
    {
        var random = new Random(3);
        return [.. Enumerable.Range(0, count).Select(_ =>
            new ReadOnlyMemory<float>([.. Enumerable.Range(0, spec.Input.RowLength).Select(_ => random.NextSingle())]))];
    }

    private static Half[] Run(BackboneBinding binding, BackboneSpec spec, ReadOnlyMemory<float>[] pictures)
    {
        var (features, reasons) = (new Half[pictures.Length * spec.FeatureDim], new string?[pictures.Length]);
        binding.Run(pictures, features, reasons);
        Assert.All(reasons, Assert.Null);
        return features;
    }

    private static Half[] OnSession(BackboneSession session, ReadOnlyMemory<float> picture)
    {
        var (pixels, feature) = (new PixelBatch(session.Spec.Input, 1), new Half[session.Spec.FeatureDim]);
        picture.Span.CopyTo(pixels.Row(0));
        session.Run(pixels, 1, feature, new string?[1]);
        return feature;
    }
}
