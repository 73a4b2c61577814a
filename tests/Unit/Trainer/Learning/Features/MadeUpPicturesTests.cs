using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Features;

public sealed class MadeUpPicturesTests
{
    [Fact]
    public void Draw_SameDraws_SameBytesAndOthersUnlike()
    {
        var pictures = Enumerable.Range(0, 6).Select(i => MadeUpPictures.Draw(20, 30, new AugmentationDraws(1, 0, i)).Pixels).ToList();
        Assert.Equal(pictures[3], MadeUpPictures.Draw(20, 30, new AugmentationDraws(1, 0, 3)).Pixels);
        for (var i = 0; i < pictures.Count; i++)
        {
            Assert.True(pictures[i].Distinct().Count() > 20, "textures and colours");
            for (var j = 0; j < i; j++)
            {
                Assert.True(pictures[i].Zip(pictures[j], (a, b) => Math.Abs(a - b)).Average() > 15, $"{i} and {j}");
            }
        }
    }

    [Fact]
    public void Features_OfABackbone_AreRowsInTheOrderOfTheSeed()
    {
        using var session = new BackboneSession(
            BackboneFile.Load(
                ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] }, 1), "tiny"),
            new SessionSettings());
        var features = MadeUpPictures.Features(session, 5, 1, TestContext.Current.CancellationToken);
        Assert.Equal(5 * 16, features.Length);
        Assert.Equal(features[..32], MadeUpPictures.Features(session, 2, 1, TestContext.Current.CancellationToken));
        Assert.NotEqual(features[..16], features[16..32]);
        Assert.NotEqual(features[..32], MadeUpPictures.Features(session, 2, 2, TestContext.Current.CancellationToken));
    }
}
