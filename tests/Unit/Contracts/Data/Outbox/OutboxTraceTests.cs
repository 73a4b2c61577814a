using System.Diagnostics;
using CpfPipeline.Data.Outbox;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Outbox;

[Collection("spans")]
public sealed class OutboxTraceTests
{
    private const string Name = "CpfPipeline";

    private static readonly ActivitySource Source = new(Name);

    [Fact]
    public void Current_NobodyListens_IsNull()
    {
        using var span = new Activity("work").SetIdFormat(ActivityIdFormat.W3C).Start();
        Assert.Null(OutboxTrace.Current());
    }

    [Fact]
    public void Current_SpanInsideABatch_HasItsOwnTraceAndThoseOfTheBatch()
    {
        using var listener = Listen();
        var (first, second, unrecorded) = (Context(recorded: true), Context(recorded: true), Context(recorded: false));
        using var batch = Source.StartActivity(
            "batch", ActivityKind.Consumer, first, links: [new(second), new(unrecorded), new(first), new(second)])!;
        using var inner = Source.StartActivity("inner")!;

        var read = OutboxTrace.Parse(OutboxTrace.Current());

        Assert.Equal([first.TraceId, second.TraceId], read.Select(c => c.TraceId));
        Assert.Equal(inner.SpanId, read[0].SpanId);
        Assert.Equal(second.SpanId, read[1].SpanId);
        Assert.All(read, context => Assert.True(context.IsRemote && context.TraceFlags == ActivityTraceFlags.Recorded));
    }

    [Fact]
    public void Current_BatchOfMany_IsBounded()
    {
        using var listener = Listen();
        using var batch = Source.StartActivity(
            "batch", ActivityKind.Consumer, Context(recorded: true),
            links: Enumerable.Range(0, 500).Select(_ => new ActivityLink(Context(recorded: true))))!;

        Assert.Equal(OutboxTrace.MaxTraces, OutboxTrace.Parse(OutboxTrace.Current()).Count);
        Assert.True(OutboxTrace.Current()!.Length < 2_000);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData("", 0)]
    [InlineData("nonsense 00-short-1-01", 0)]
    [InlineData("00-00000000000000000000000000000001-0000000000000002-01 nonsense", 1)]
    public void Parse_WhatOthersWrote_KeepsWhatCanBeRead(string? text, int expected) =>
        Assert.Equal(expected, OutboxTrace.Parse(text).Count);

    private static ActivityContext Context(bool recorded) => new(
        ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), recorded ? ActivityTraceFlags.Recorded : ActivityTraceFlags.None);

    private static ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }
}
