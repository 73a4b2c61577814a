using CpfPipeline.Data.Objects;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Objects;

public sealed class ObjectCallsTests
{
    [Fact]
    public void PauseAfter_Failures_GrowsToFiveSecondsAndIsSpreadByChance() =>
        Gen.Select(Gen.Int[1, 100], Gen.Double[0, 1]).Sample((failures, chance) =>
        {
            var most = Math.Min(5, 0.1 * Math.Pow(2, failures - 1));
            Assert.InRange(ObjectCalls.PauseAfter(failures, chance).TotalSeconds, most / 2 - 1e-6, most + 1e-6);
            Assert.True(ObjectCalls.PauseAfter(failures, 1) == 2 * ObjectCalls.PauseAfter(failures, 0));
        });
}
