using CpfPipeline.Cli.Listings;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Listings;

public sealed class WhyTextTests
{
    [Fact]
    public void Of_AChain_NamesThePairAndEveryLink()
    {
        var pair = new WhyStep
        {
            Step = 0, Reason = "chain", Explanation = "A chain joins them.", A = "a/1", B = "c/9", Similarity = 0.75, Threshold = 0.8,
            GroupA = 9223372036854775807, GroupB = 9223372036854775807, SameGroup = true,
        };

        Assert.Equal(
            """
            a/1 and c/9: in one group (chain)
            A chain joins them.
            similarity  0.750000
            threshold   0.800000, not reached
            verdict     none
            groups      9223372036854775807
            link 1      a/1 - b/2: Similar.

            """,
            WhyText.Of([pair, pair with { Step = 1, B = "b/2", Explanation = "Similar." }]));
    }

    [Fact]
    public void Of_NameThatCommandsATerminal_ShowsNoControlCharacter()
    {
        var text = WhyText.Of([new WhyStep
        {
            Step = 0, Reason = "none", Explanation = "\u001b[2J", A = "a/\u001b]0;owned\u0007", B = "b/\r2", Threshold = 0.8,
            SameGroup = false,
        }]);

        Assert.DoesNotContain(text.ReplaceLineEndings(""), char.IsControl);
        Assert.Contains("a/\uFFFD]0;owned\uFFFD and b/\uFFFD2", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_AnImageWithoutEmbedding_SaysSo()
    {
        var text = WhyText.Of([new WhyStep
        {
            Step = 0, Reason = "not_matched_yet", Explanation = "Not both are matched.", A = "a/1", B = "b/2", Threshold = 0.8, GroupB = 5,
            SameGroup = false, Verdict = "different",
        }]);

        Assert.Contains("not in one group (not_matched_yet)", text, StringComparison.Ordinal);
        Assert.Contains("similarity  none: not both have an embedding\nthreshold   0.800000\nverdict     different\ngroups      none and 5",
            text, StringComparison.Ordinal);
    }
}
