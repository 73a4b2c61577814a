using CpfPipeline.Nights.TrainingSets;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Nights.TrainingSets;

public sealed class KeyRuleTests
{
    [Fact]
    public void Decide_NoKey_NoClass() => Assert.Equal((null, false), KeyRule.Decide([]));

    [Fact]
    public void Decide_AGlobalKeyAndASourcesOwn_TheGlobalWins() =>
        Assert.Equal((new ClassKey(null, "g"), false), KeyRule.Decide([new(1, "a", "k"), new(1, null, "g"), new(1, "b", "k")]));

    [Fact]
    public void Decide_KeysOfTwoSources_TheFirstSourceByName() =>
        Assert.Equal((new ClassKey("a", "z"), false), KeyRule.Decide([new(1, "b", "k"), new(1, "a", "z")]));

    [Fact]
    public void Decide_TwoGlobalKeys_Conflict() => Assert.Equal((null, true), KeyRule.Decide([new(1, null, "g"), new(1, null, "h")]));

    [Fact]
    public void Decide_TwoKeysOfOneSource_ConflictEvenWithAGlobalOne() =>
        Assert.Equal((null, true), KeyRule.Decide([new(1, "a", "k"), new(1, null, "g"), new(1, "a", "l")]));

    [Fact]
    public void Decide_OneKeyTwice_NoConflict() => Assert.Equal((new ClassKey("a", "k"), false), KeyRule.Decide([new(1, "a", "k"), new(1, "a", "k")]));
}
