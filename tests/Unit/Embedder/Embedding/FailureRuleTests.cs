using CpfPipeline.Embedder.Embedding;
using Xunit;

namespace CpfPipeline.Tests.Unit.Embedder.Embedding;

public sealed class FailureRuleTests
{
    [Theory]
    [InlineData(128, 128, 0, false)] // Nothing failed.
    [InlineData(128, 128, 1, true)] // One file is gone.
    [InlineData(128, 128, 128, false)] // The store is gone: let the endpoint's retry wait.
    [InlineData(128, 1, 1, true)] // The others were embedded before.
    [InlineData(1, 1, 1, false)] // Alone already: its message fails.
    public void Isolate_Failures_GoAloneUnlessEverythingFailed(int contents, int attempted, int failed, bool expected) =>
        Assert.Equal(expected, FailureRule.Isolate(contents, attempted, failed));
}
