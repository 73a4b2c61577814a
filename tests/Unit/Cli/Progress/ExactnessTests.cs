using CpfPipeline.Cli.Progress;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Progress;

public sealed class ExactnessTests
{
    // Not known, nothing, something: for each figure.
    private static readonly long?[] Figures = [null, 0, 3];

    [Fact]
    public void Of_EveryCombination_IsExactOnlyWhenAllAreKnownAndZero()
    {
        var combinations = from unmatched in Figures
                           from pending in Figures
                           from unreconciled in Figures
                           from queue in Figures
                           from outbox in Figures
                           select (Figures: new[] { unmatched, pending, unreconciled, queue, outbox }, Left: new WorkLeft(
                               unmatched, pending, unreconciled,
                               queue is { } n ? new Dictionary<string, long> { ["cpf.content-stored"] = n } : null, outbox));
        var exact = 0;
        foreach (var (figures, left) in combinations)
        {
            var exactness = Exactness.Of(left);

            var expected = figures.Any(f => f > 0)
                ? Exactness.InexactWord
                : figures.Any(f => f is null) ? Exactness.UnknownWord : Exactness.ExactWord;
            Assert.Equal(expected, exactness.Word);
            Assert.Equal(expected == Exactness.ExactWord, exactness.IsExact);
            Assert.Equal(figures.Count(f => f > 0), exactness.Reasons.Count(r => r.StartsWith("3 ", StringComparison.Ordinal)));
            Assert.Equal(figures.Count(f => f is null), exactness.Reasons.Count(r => r.StartsWith("unknown: ", StringComparison.Ordinal)));
            exact += exactness.IsExact ? 1 : 0;
        }

        Assert.Equal(1, exact);
    }

    [Fact]
    public void ToString_WorkLeft_SaysWhatAndHowMuch() => Assert.Equal(
        "not exact: 12 unmatched, 2 messages to publish, 5 messages in cpf.contents-embedded, 7 messages in cpf.submit-image",
        Exactness.Of(new(12, 0, 0, new Dictionary<string, long> { ["cpf.submit-image"] = 7, ["cpf.contents-embedded"] = 5,
            ["cpf.give-verdict"] = 0 }, 2)).ToString());

    [Theory]
    [InlineData("cpf.dead-letter")]
    [InlineData("cpf.join-tile")]
    [InlineData("cpf.content-stored_error")]
    [InlineData("cpf.content-stored_skipped")]
    public void Of_MessagesThatNoServiceTakes_AreNoWork(string queue) =>
        Assert.Equal("exact", Exactness.Of(new(0, 0, 0, new Dictionary<string, long> { [queue] = 4 }, 0)).ToString());
}
