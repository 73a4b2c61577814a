using CpfPipeline.Data;
using CpfPipeline.Trainer.Service;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Service;

public sealed class ModelChoiceTests
{
    private static readonly byte[] Known = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] Other = [.. Enumerable.Repeat((byte)2, 32)];
    private static readonly ServingModel Active = new(1, 1, 1, 0.9, "active", 4, 2, Known, Other);

    [Fact]
    public void IsNeeded_NoActiveModel_Is() => Assert.True(ModelChoice.IsNeeded(null, null));

    [Fact]
    public void IsNeeded_NothingConfigured_KeepsTheActiveModel() => Assert.False(ModelChoice.IsNeeded(Active, null));

    [Fact]
    public void IsNeeded_ConfiguredBackboneIsActive_IsNot() => Assert.False(ModelChoice.IsNeeded(Active, [.. Known]));

    [Fact]
    public void IsNeeded_AnotherBackboneConfigured_Is() => Assert.True(ModelChoice.IsNeeded(Active, Other));
}
