using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Services;

public sealed class PreparationTextTests
{
    [Theory]
    [InlineData(
        """{"details":{"model_preparation":{"pictures":1000,"done":420,"seconds_left":40}}}""",
        "preparing the model: 420 of 1000 pictures, about 40 s left")]
    [InlineData(
        """{"details":{"model_preparation":{"pictures":1000,"done":9,"seconds_left":600}}}""",
        "preparing the model: 9 of 1000 pictures, about 10 min left")]
    [InlineData(
        """{"details":{"model_preparation":{"pictures":0,"done":0,"seconds_left":null}}}""",
        "preparing the model")]
    [InlineData(
        """{"details":{"model_preparation":null}}""", null)]
    [InlineData(
        """{"details":{}}""", null)]
    public void Of_WhatHealthSays_IsForAPerson(string body, string? expected) =>
        Assert.Equal(expected, PreparationText.Of(HealthReport.Parse(true, body)));
}
