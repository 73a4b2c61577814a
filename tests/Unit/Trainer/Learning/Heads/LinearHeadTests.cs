using CpfPipeline.Learning.Heads;
using CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Heads;

public sealed class LinearHeadTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Embed_Features_IsWhatOnnxRuntimeGives(bool squareRoot)
    {
        using var scope = NewDisposeScope();
        var (head, features) = Sample(squareRoot);
        var expected = TestGraph.Reference(head.ToOnnx("a test"), features, [20, 40]);

        var embeddings = head.Embed(tensor(features, [20, 40]));

        Assert.InRange(expected.Zip(embeddings.data<float>().ToArray(), (e, a) => Math.Abs(e - a)).Max(), 0, 1e-5);
        Assert.True(embeddings.norm(1, p: 2f).allclose(ones(20), 1e-5, 1e-5));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Embed_Features_IsWhatPlainLoopsGive(bool squareRoot)
    {
        using var scope = NewDisposeScope();
        var (head, features) = Sample(squareRoot);
        var embeddings = head.Embed(tensor(features, [20, 40])).data<float>().ToArray();
        for (var i = 0; i < 20; i++)
        {
            var x = Enumerable.Range(0, 40).Select(k => (double)features[(i * 40) + k]).Select(v => squareRoot ? Math.Sign(v) * Math.Sqrt(Math.Abs(v)) : v).ToArray();
            var length = Math.Sqrt(x.Sum(v => v * v));
            var centred = x.Select((v, k) => (v / length) - head.Mean[k]).ToArray();
            var y = Enumerable.Range(0, 8).Select(d => centred.Select((v, k) => v * head.Projection[(k * 8) + d]).Sum()).ToArray();
            var norm = Math.Sqrt(y.Sum(v => v * v));
            Assert.All(Enumerable.Range(0, 8), d => Assert.Equal(y[d] / norm, embeddings[(i * 8) + d], 1e-5));
        }
    }

    [Fact]
    public void ToOnnx_Session_AgreesToHalves()
    {
        using var scope = NewDisposeScope();
        var (head, features) = Sample(squareRoot: true);
        Half[] halves = [.. features.Select(v => (Half)v)];
        var file = HeadFile.Load(head.ToOnnx("a test"), "a head");
        Assert.Equal((40, 8, "a test"), (file.Spec.FeatureDim, file.Spec.EmbeddingDim, file.Spec.Provenance));
        using var session = new HeadSession(file, new SessionSettings());
        var (embeddings, reasons) = (new Half[20 * 8], new string?[20]);
        session.Embed(halves, 20, embeddings, reasons);

        Assert.All(reasons, Assert.Null);
        var expected = head.Embed(tensor(halves, [20, 40])).data<float>().ToArray();
        Assert.InRange(expected.Zip(embeddings, (e, a) => Math.Abs(e - (float)a)).Max(), 0, 6e-4);
    }

    [Fact]
    public void Prepare_Doubles_StaysDouble()
    {
        using var scope = NewDisposeScope();
        var (head, features) = Sample(squareRoot: true);
        Assert.Equal(ScalarType.Float64, head.Prepare(tensor(features, [20, 40]).to(ScalarType.Float64)).dtype);
        Assert.Equal(ScalarType.Float32, head.Prepare(tensor(features, [20, 40]).to(ScalarType.Float16)).dtype);
    }

    private static (LinearHead Head, float[] Features) Sample(bool squareRoot)
    {
        var random = new Random(3);
        float[] Values(int n) => [.. Enumerable.Range(0, n).Select(_ => random.NextSingle() - .4f)];
        return (new LinearHead(squareRoot, [.. Values(40).Select(v => v / 20)], Values(40 * 8)), Values(20 * 40));
    }
}
