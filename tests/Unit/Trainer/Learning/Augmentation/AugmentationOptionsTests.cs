using System.Text.Json;
using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Training;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Augmentation;

public sealed class AugmentationOptionsTests
{
    [Fact]
    public void Json_InAReport_KeepsItsNames()
    {
        var names = JsonSerializer.SerializeToNode(new AugmentationOptions(), ModelReport.SnakeCase)!.AsObject().Select(p => p.Key);
        Assert.Equal(["least_area", "largest_aspect", "flip"], names.Take(3));
    }
}
