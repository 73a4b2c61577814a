using CpfPipeline.Learning.FullDepth;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.FullDepth;

public sealed class BatchPlanTests
{
    private static readonly int[] Classes = [0, 0, 0, 1, 1, 2, 3, 3, 3, 3];
    private static readonly FullTrainingOptions Options = new() { ClassesPerBatch = 3, PicturesPerClass = 2 };

    [Fact]
    public void Next_Labelled_GivesTwoPicturesAClassAndCopiesWhereThereIsOne()
    {
        var plan = Plan(Options);
        for (var step = 0; step < 40; step++)
        {
            var batch = plan.Next();
            Assert.Equal(6, batch.Length);
            Assert.All(batch, p => Assert.Equal(Classes[p.Picture - 100], p.Label));
            foreach (var pair in batch.Chunk(2))
            {
                Assert.Equal(pair[0].Label, pair[1].Label);
                Assert.Equal(pair[0].Label == 2, pair[0].Picture == pair[1].Picture);
                Assert.Equal(pair[0].Label == 2 ? 1 : 0, pair[1].Copy);
            }
        }
    }

    [Fact]
    public void Next_CopiesAsPositives_MakesEveryPictureAClass()
    {
        var plan = Plan(Options with { CopiesAsPositives = true, PicturesPerClass = 3 });
        Assert.Equal(10, plan.ClassCount);
        var seen = Enumerable.Range(0, 10).SelectMany(_ => plan.Next()).ToList();
        Assert.Equal(10, seen.Select(p => p.Picture).Distinct().Count());
        Assert.All(seen, p => Assert.Equal(p.Picture - 100, p.Label));
        Assert.All(seen.Chunk(3), copies => Assert.Equal([0, 1, 2], copies.Select(c => c.Copy)));
    }

    [Fact]
    public void Next_CopyShare_MixesBoth()
    {
        var pairs = Many(Options with { CopyShare = .5 }).Where(p => p[0].Label != 2).ToList();
        Assert.InRange(pairs.Count(p => p[0].Picture == p[1].Picture) / (double)pairs.Count, .35, .65);
        Assert.All(Many(Options with { CopyShare = 1 }), p => Assert.Equal(p[0].Picture, p[1].Picture));
    }

    [Fact]
    public void Skip_SomeSteps_GoesOnWhereAnotherIs()
    {
        var (one, other) = (Plan(Options with { CopyShare = .5 }), Plan(Options with { CopyShare = .5 }));
        for (var i = 0; i < 7; i++)
        {
            one.Next();
        }

        other.Skip(7);
        Assert.Equal(one.Next(), other.Next());
        Assert.Equal(one.Next(), other.Next());
    }

    private static IEnumerable<PlannedPicture[]> Many(FullTrainingOptions options)
    {
        var plan = Plan(options);
        return Enumerable.Range(0, 100).SelectMany(_ => plan.Next().Chunk(2)).ToList();
    }

    private static BatchPlan Plan(FullTrainingOptions options) => new([.. Enumerable.Range(100, 10)], Classes, options);
}
