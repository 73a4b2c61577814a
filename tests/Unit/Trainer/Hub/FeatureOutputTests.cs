using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class FeatureOutputTests
{
    // ViT, DINOv2 with registers, SigLIP, ViT at another aspect, DINOv2 where patches do not fill the picture.
    [Theory]
    [InlineData(224, 224, 197, 1)]
    [InlineData(224, 224, 261, 5)]
    [InlineData(224, 224, 196, 0)]
    [InlineData(224, 160, 141, 1)]
    [InlineData(230, 230, 257, 1)]
    public void Before_TokensOfAGrid_IsWhatThereIsBesides(int height, int width, int tokens, int expected) =>
        Assert.Equal(expected, FeatureOutput.Before(Input(height, width), tokens, "y", "net"));

    [Fact]
    public void Before_TokensOfNoGrid_IsRefusedByName() => Assert.Contains(
        "the 560 tokens of output y lie on no grid over 224 pixels",
        Assert.Throws<ModelFileException>(() => FeatureOutput.Before(Input(224, 224), 560, "y", "net")).Message, StringComparison.Ordinal);

    private static InputSpec Input(int height, int width) => new(height, width, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
}
