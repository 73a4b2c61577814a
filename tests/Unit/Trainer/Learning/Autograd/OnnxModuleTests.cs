using CpfPipeline.Learning.Autograd;
using Xunit;
using static TorchSharp.torch;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Autograd;

public sealed class OnnxModuleTests
{
    [Fact]
    public void Parameters_SmallNet_AreTheWeightsOnly()
    {
        using var module = Net().Load();

        // Mean and scale of pixels, limits of Clip, the shape and the running statistics do not learn.
        Assert.Equal(
            ["conv.w", "norm.s", "norm.b", "depth.w", "depth.b", "turned", "bias"],
            module.Parameters.Select(p => p.Name));
        Assert.Equal(["norm.m", "norm.v"], module.Statistics.Select(p => p.Name));
        Assert.All(module.Parameters, p => Assert.True(p.Value.requires_grad));
        Assert.All(module.Statistics, p => Assert.False(p.Value.requires_grad));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Forward_SmallNet_GradientsAreThoseOfFiniteDifferences(bool usesBatchStatistics, bool attends)
    {
        var graph = attends ? Attention() : Net();
        var input = graph.RandomInput();
        using var module = graph.Load(usesBatchStatistics ? BatchNormMode.Training : BatchNormMode.Frozen, ScalarType.Float64);
        module.Train();
        using (var scope = NewDisposeScope())
        {
            Loss().backward();
        }

        foreach (var (name, parameter) in module.Parameters)
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            var gradient = parameter.grad!.reshape(-1);
            var values = parameter.view(-1);
            foreach (var i in new[] { 0, parameter.numel() / 2, parameter.numel() - 1 }.Distinct())
            {
                const double Step = 1e-6;
                var here = values[i].item<double>();
                values[i] = here + Step;
                var above = Loss().item<double>();
                values[i] = here - Step;
                var below = Loss().item<double>();
                values[i] = here;
                Assert.True(
                    Math.Abs(((above - below) / (2 * Step)) - gradient[i].item<double>()) < 1e-6,
                    $"{name}[{i}]: {(above - below) / (2 * Step)} by differences, {gradient[i].item<double>()} by autograd");
            }

            Assert.True(gradient.abs().max().item<double>() > 1e-4, $"{name} has no gradient");
        }

        Tensor Loss() => module.Forward(tensor(input, graph.Dims)).sin().mean();
    }

    [Theory]
    [InlineData(3, 8)]
    [InlineData(8, 8)]
    [InlineData(24, 24)]
    [InlineData(16, 40)]
    public void Forward_ChannelsThatFillNoBlock_AreNotSpoiltByWhatLiesInMemory(int from, int to)
    {
        var graph = new TestGraph(13) { Dims = [2, from, 4, 4] };
        graph.Node(
            "Conv", $"x {graph.Weights("w", false, to, from, 3, 3)} {graph.Weights("b", false, to)}", "y", ("pads", new[] { 1, 1, 1, 1 }));
        using var module = graph.Load();
        using var scope = NewDisposeScope();
        var input = tensor(graph.RandomInput(), graph.Dims).requires_grad_();

        LeaveNaNs();
        var result = module.Forward(input);
        LeaveNaNs();
        result.sum().backward();

        Assert.True(isfinite(result).all().item<bool>(), "the output has NaNs");
        Assert.True(isfinite(input.grad!).all().item<bool>(), "the gradient has NaNs");

        // Freed memory of the sizes that a convolution asks for.
        static void LeaveNaNs()
        {
            using var freed = NewDisposeScope();
            for (var size = 16L; size <= 1 << 17; size += size / 4)
            {
                for (var i = 0; i < 6; i++)
                {
                    full([size], double.NaN, ScalarType.Float32);
                }
            }
        }
    }

    [Fact]
    public void Forward_FrozenStatistics_DoNotMove()
    {
        var graph = Net();
        using var module = graph.Load(BatchNormMode.Frozen);
        var before = Statistics(module);
        var evaluated = TestGraph.Values(module, graph.RandomInput(), graph.Dims);
        module.Train();

        var trained = TestGraph.Values(module, new TestGraph(13).RandomInput(), graph.Dims);

        Assert.Equal(before, Statistics(module));
        Assert.Equal(evaluated.Length, trained.Length);
    }

    [Fact]
    public void Forward_TrainingStatistics_MoveAsTheMomentumOfOnnxSays()
    {
        var graph = new TestGraph(13) { Dims = [3, 2, 4, 5] };
        graph.Node(
            "BatchNormalization",
            $"x {graph.Floats("s", [1, 1], 2)} {graph.Floats("b", [0, 0], 2)} {graph.Floats("m", [.5f, -.5f], 2)} "
                + $"{graph.Floats("v", [2, 3], 2)}",
            "y",
            ("momentum", .7f));
        var input = graph.RandomInput();
        using var module = graph.Load(BatchNormMode.Training);
        TestGraph.Values(module, input, graph.Dims);
        Assert.Equal([[.5f, -.5f], [2, 3]], Statistics(module));

        module.Train();
        var output = TestGraph.Values(module, input, graph.Dims);

        for (var channel = 0; channel < 2; channel++)
        {
            var values = Channel(input, channel);
            var mean = values.Average();
            var variance = values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1);
            Assert.Equal((.7f * (channel == 0 ? .5f : -.5f)) + (.3f * mean), Statistics(module)[0][channel], 1e-5f);
            Assert.Equal((.7f * (2 + channel)) + (.3f * variance), Statistics(module)[1][channel], 1e-5f);

            // Normalised by the batch itself.
            Assert.Equal(0, Channel(output, channel).Average(), 1e-5f);
        }

        module.Evaluate();
        var moved = Statistics(module);
        TestGraph.Values(module, input, graph.Dims);
        Assert.Equal(moved, Statistics(module));

        float[] Channel(float[] all, int channel) => [.. all.Where((_, i) => i / 20 % 2 == channel)];
    }

    [Fact]
    public void Forward_FeatureWithTrailingOnes_IsARowAPicture()
    {
        var graph = new TestGraph(13);
        graph.Node("GlobalAveragePool", "x", "y");
        using var module = graph.Load();
        using var result = module.Forward(zeros(graph.Dims));
        Assert.Equal([2, 4], result.shape);
    }

    [Fact]
    public void Forward_WithoutAndWithGradients_LeavesOnlyTheResultBehind()
    {
        var graph = Net();
        using var module = graph.Load();
        using var scope = NewDisposeScope();
        var input = tensor(graph.RandomInput(), graph.Dims);
        using (no_grad())
        {
            module.Forward(input).Dispose();
        }

        Assert.Equal(1, scope.DisposablesCount);
        var result = module.Forward(input);
        Assert.Equal(2, scope.DisposablesCount);
        result.sum().backward();
        Assert.NotNull(module.Parameters[0].Value.grad);
    }

    [Fact]
    public void Load_InADisposeScope_OutlivesIt()
    {
        var graph = Net();
        OnnxModule module;
        using (NewDisposeScope())
        {
            module = graph.Load();
        }

        using (module)
        {
            Assert.NotEmpty(TestGraph.Values(module, graph.RandomInput(), graph.Dims));
        }
    }

    [Fact]
    public void Forward_DoublePixels_AreTakenInTheTypeOfTheModule()
    {
        var graph = Net();
        using var module = graph.Load();
        using var result = module.Forward(zeros(graph.Dims, ScalarType.Float64));
        Assert.Equal(ScalarType.Float32, result.dtype);
    }

    /// <summary>Normalisation of pixels, convolutions, BatchNormalization, a limit, a view of a weight, a bias by Add.</summary>
    // A block of a vision transformer: norm, attention by Einsum and MatMul, Gelu spelt out, position embedding, class token.
    private static TestGraph Attention()
    {
        var g = new TestGraph(17);
        g.Node("Reshape", $"x {g.Integers("tokens", 0, -1, 9)}", "t0").Node("MatMul", $"t0 {g.Weights("wt", false, 9, 6)}", "t")
            .Node("Add", $"t {g.Weights("position", false, 1, 28, 6)}", "p")
            .Node("LayerNormalization", $"p {g.Weights("scale", true, 6)} {g.Weights("shift", false, 6)}", "n")
            .Node("Einsum", $"n {g.Weights("wq", false, 6, 6)}", "q", ("equation", "bti,io->bto"))
            .Node("MatMul", $"n {g.Weights("wk", false, 6, 6)}", "k").Node("MatMul", $"n {g.Weights("wv", false, 6, 6)}", "v")
            .Node("Einsum", "q k", "s", ("equation", "bid,bjd->bij")).Node("Softmax", "s", "a", ("axis", -1)).Node("MatMul", "a v", "m")
            .Node("Add", "p m", "r")
                .Node("MatMul", $"r {g.Weights("up", false, 6, 8)}", "u").Node("Div", $"u {g.Floats("root", [1.41421356f])}", "e0")
            .Node("Erf", "e0", "e1").Node("Add", $"e1 {g.Floats("one", [1])}", "e2").Node("Mul", "u e2", "gelu")
            .Node("MatMul", $"gelu {g.Weights("down", false, 8, 5)}", "d").Node("Gather", $"d {g.Integers("class", 0)}", "c", ("axis", 1))
            .Node("Flatten", "c", "y");
        return g;
    }

    private static TestGraph Net()
    {
        var g = new TestGraph(13) { Dims = [2, 3, 8, 8] };
        return g.Node("Sub", $"x {g.Weights("mean", false, 1, 3, 1, 1)}", "centred")
            .Node("Mul", $"centred {g.Weights("scale", true, 1, 3, 1, 1)}", "pixels")
            .Node("Conv", $"pixels {g.Weights("conv.w", false, 6, 3, 3, 3)}", "c1", ("strides", new[] { 2, 2 }), ("auto_pad", "SAME_UPPER"))
            .Node(
                "BatchNormalization",
                $"c1 {g.Weights("norm.s", true, 6)} {g.Weights("norm.b", false, 6)} {g.Weights("norm.m", false, 6)} "
                    + $"{g.Weights("norm.v", true, 6)}",
                "n1")
            .Node("Clip", $"n1 {g.Floats("low", [-3])} {g.Floats("high", [3])}", "a1")
            .Node(
                "Conv", $"a1 {g.Weights("depth.w", false, 6, 1, 3, 3)} {g.Weights("depth.b", false, 6)}", "c2", ("group", 6),
                ("pads", new[] { 1, 1, 1, 1 }))
            .Node("Sigmoid", "c2", "s2")
            .Node("Mul", "c2 s2", "a2")
            .Node("GlobalAveragePool", "a2", "p")
            .Node("Reshape", $"p {g.Integers("shape", 0, -1)}", "flat")
            .Node("Transpose", g.Weights("turned", false, 5, 6), "w")
            .Node("MatMul", "flat w", "m")
            .Node("Add", $"m {g.Weights("bias", false, 5)}", "y");
    }

    private static float[][] Statistics(OnnxModule module) => [.. module.Statistics.Select(s => s.Value.data<float>().ToArray())];
}
