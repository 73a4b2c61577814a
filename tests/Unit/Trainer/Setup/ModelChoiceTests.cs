using CpfPipeline.Data.Models;
using CpfPipeline.Trainer.Setup;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Setup;

public sealed class ModelChoiceTests
{
    private static readonly byte[] Known = [.. Enumerable.Repeat((byte)1, 32)];
    private static readonly byte[] Other = [.. Enumerable.Repeat((byte)2, 32)];
    private static readonly ServingModel Active = new(1, 1, 1, 0.9, "active", 4, 2, Known, Other);

    [Fact]
    public void Of_NoActiveModel_First() => Assert.Equal(ModelChoice.First, ModelChoices.Of(null, Other));

    [Fact]
    public void Of_NothingConfigured_KeepsTheActiveModel() => Assert.Equal(ModelChoice.Keep, ModelChoices.Of(Active, null));

    [Fact]
    public void Of_ConfiguredBackboneIsActive_KeepsTheActiveModel() => Assert.Equal(ModelChoice.Keep, ModelChoices.Of(Active, [.. Known]));

    [Fact]
    public void Of_AnotherBackboneConfigured_HandsOver() => Assert.Equal(ModelChoice.HandOver, ModelChoices.Of(Active, Other));
}
