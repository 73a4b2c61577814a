using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class ExternalWeightsTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public ExternalWeightsTests() => File.WriteAllBytes(_file, [1, 2, 3, 4, 5, 6, 7, 8]);

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Inline_WeightsThatShareBytes_AreCountedEach()
    {
        var e = Assert.Throws<ModelFileException>(() => ExternalWeights.Inline(Model(weights: 3), _ => _file, 23, "net"));
        Assert.Contains("net: its weights have more than", e.Message, StringComparison.Ordinal);

        var model = Model(weights: 3);
        ExternalWeights.Inline(model, _ => _file, 24, "net");
        Assert.All(model.Graph.Initializer, w => Assert.Equal(8, w.RawData.Length));
    }

    private static ModelProto Model(int weights)
    {
        var model = new ModelProto { Graph = new GraphProto() };
        for (var i = 0; i < weights; i++)
        {
            model.Graph.Initializer.Add(new TensorProto
            {
                Name = $"w{i}", DataLocation = TensorProto.Types.DataLocation.External,
                ExternalData = { new StringStringEntryProto { Key = "location", Value = "weights" } },
            });
        }

        return model;
    }
}
