using CpfPipeline.Learning.Reports.Plots;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Learning.Reports.Plots;

public sealed class AxisTests
{
    [Fact]
    public void Map_Linear_IsProportionalAndKeepsInside()
    {
        var axis = Axis.Linear("x", -1, 1);

        Assert.Equal(100, axis.Map(-1, 100, 300));
        Assert.Equal(200, axis.Map(0, 100, 300));
        Assert.Equal(300, axis.Map(9, 100, 300));
        Assert.Equal(225, axis.Map(0.5, 300, 200), 1e-9); // Downwards, as the y axis of a drawing goes.
    }

    [Fact]
    public void Map_Log_GivesEachDecadeTheSameRoom()
    {
        var axis = Axis.Log("pairs", 1, 1000, _ => "");

        Assert.Equal([0, 100, 200, 300], new double[] { 1, 10, 100, 1000 }.Select(v => Math.Round(axis.Map(v, 0, 300), 9)));
        Assert.Equal(0, axis.Map(0, 0, 300));
    }

    [Fact]
    public void Linear_EmptyRange_IsWidened()
    {
        var axis = Axis.Linear("x", 0.3, 0.3);

        Assert.Equal(50, axis.Map(0.3, 0, 100), 1e-9);
        Assert.NotEmpty(axis.Ticks);
    }

    [Fact]
    public void LabelOf_Ticks_HasTheDecimalsOfTheStep()
    {
        var axis = Axis.Linear("x", 0.237, 0.418, 4);

        Assert.Equal(["0.25", "0.30", "0.35", "0.40"], axis.Ticks.Select(axis.LabelOf));
    }
}
