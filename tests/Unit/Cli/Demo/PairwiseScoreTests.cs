using CpfPipeline.Cli.Demo;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Demo;

public sealed class PairwiseScoreTests
{
    // Few groups, products and originals, so that every kind of pair occurs; an original belongs to one product.
    private static readonly Gen<GroupedImage[]> Images = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3], Gen.Int[0, 2])
        .Select(t => new GroupedImage(t.Item1 == 0 ? null : t.Item1, $"key{t.Item2}", $"key{t.Item2}/{t.Item3}"))
        .Array[0, 40];

    [Fact]
    public void Of_AnyGrouping_CountsWhatNaiveLoopsCount() => Images.Sample(images =>
    {
        long wantedCopies = 0, wantedKeys = 0, foundCopies = 0, foundKeys = 0, wrong = 0;
        for (var i = 0; i < images.Length; i++)
        {
            for (var j = i + 1; j < images.Length; j++)
            {
                var together = images[i].Group is not null && images[i].Group == images[j].Group;
                if (images[i].Original == images[j].Original)
                {
                    wantedCopies++;
                    foundCopies += together ? 1 : 0;
                }
                else if (images[i].ProductKey == images[j].ProductKey)
                {
                    wantedKeys++;
                    foundKeys += together ? 1 : 0;
                }
                else
                {
                    wrong += together ? 1 : 0;
                }
            }
        }

        var score = PairwiseScore.Of(images);

        Assert.Equal(new PairScore(wantedCopies, foundCopies, wrong), score.Copies);
        Assert.Equal(new PairScore(wantedKeys, foundKeys, wrong), score.Keys);
        Assert.Equal(new PairScore(wantedCopies + wantedKeys, foundCopies + foundKeys, wrong), score.Both);
    });

    [Fact]
    public void Of_SomeProducts_CountsPairsThatTouchThem() => Images.Sample(images =>
    {
        bool IsCounted(string key) => key is "key1" or "key2";
        long found = 0, wrong = 0;
        for (var i = 0; i < images.Length; i++)
        {
            for (var j = i + 1; j < images.Length; j++)
            {
                if (images[i].Group is null
                    || images[i].Group != images[j].Group || (!IsCounted(images[i].ProductKey) && !IsCounted(images[j].ProductKey)))
                {
                    continue;
                }

                found += images[i].ProductKey == images[j].ProductKey ? 1 : 0;
                wrong += images[i].ProductKey != images[j].ProductKey ? 1 : 0;
            }
        }

        var both = PairwiseScore.Of(images, IsCounted).Both;
        Assert.Equal((found, wrong), (both.Found, both.Wrong));
        Assert.Equal(PairwiseScore.Of(images.Where(i => IsCounted(i.ProductKey))).Both.Wanted, both.Wanted);
    });

    [Fact]
    public void Of_AnyOrder_GivesTheSameScore() => Images.SelectMany(images => Gen.Shuffle(images).Select(shuffled => (images, shuffled)))
        .Sample(t => Assert.Equal(PairwiseScore.Of(t.images), PairwiseScore.Of(t.shuffled)));

    [Fact]
    public void Of_OneGroupForAll_HasFullRecall()
    {
        var score = PairwiseScore.Of([new(1, "a", "a/1"), new(1, "a", "a/1"), new(1, "a", "a/2"), new(1, "b", "b/1")]);

        Assert.Equal(1, score.Copies.Recall);
        Assert.Equal(1, score.Keys.Recall);
        Assert.Equal(.25, score.Copies.Precision);
        Assert.Equal(.4, score.Keys.Precision);
        Assert.Equal(.5, score.Both.Precision);
        Assert.Equal(2 * .25 / 1.25, score.Copies.F1!.Value, 12);
    }

    [Fact]
    public void Of_NothingGrouped_HasNoPrecisionAndNoRecall()
    {
        var score = PairwiseScore.Of([new(null, "a", "a/1"), new(null, "a", "a/1")]);

        Assert.Null(score.Copies.Precision);
        Assert.Equal(0, score.Copies.Recall);
        Assert.Equal(0, score.Copies.F1);
        Assert.Null(score.Keys.Recall);
        Assert.Null(score.Keys.F1);
    }
}
