using System.Collections.Concurrent;
using System.Diagnostics;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Telemetry.Traces;
using MassTransit.Serialization;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Telemetry.Traces;

[Collection("spans")]
public sealed class BatchSpansTests : IDisposable
{
    private readonly ConcurrentQueue<Activity> _ended = [];
    private readonly ActivityListener _listener;

    public BatchSpansTests()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == CpfTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    [Fact]
    public async Task RunAsync_MessagesOfThreeTraces_HasASpanInEach()
    {
        var (first, second, third) = (Context(), Context(), Context());
        string? carried = null;
        await BatchSpans.RunAsync(
            "cpf.some-queue",
            [Message(TraceHeaders.Sender, first), Message(TraceHeaders.Parent, second), Message(TraceHeaders.Sender, first, third)],
            () =>
            {
                carried = OutboxTrace.Current();
                return Task.CompletedTask;
            });

        Assert.Equal(
            new[] { first, second, third }.Select(c => (c.TraceId, c.SpanId)).ToHashSet(),
            _ended.Select(s => (s.TraceId, s.ParentSpanId)).ToHashSet());
        Assert.All(_ended, span => Assert.Equal("process cpf.some-queue", span.DisplayName));
        Assert.Equal(new[] { first, second, third }.Select(c => c.TraceId), OutboxTrace.Parse(carried).Select(c => c.TraceId));
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task RunAsync_MessagesWithoutATrace_HasNone()
    {
        await BatchSpans.RunAsync("q", [Headers()], () =>
        {
            Assert.Null(OutboxTrace.Current());
            return Task.CompletedTask;
        });
        Assert.Empty(_ended);
    }

    [Fact]
    public async Task RunAsync_WorkFails_SpansSayWithWhatAndNotWhy()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(() => BatchSpans.RunAsync(
            "q", [Message(TraceHeaders.Sender, Context())], () => throw new InvalidOperationException("of a secret")));
        var span = Assert.Single(_ended);
        Assert.Equal((ActivityStatusCode.Error, "InvalidOperationException"), (span.Status, span.StatusDescription));
    }

    [Fact]
    public void Write_TracesOfAMessage_AreReadAgain()
    {
        var (first, second) = (Context(), Context());
        var headers = Headers();
        headers.Set(TraceHeaders.Sender, OutboxTrace.Format([first]));
        TraceHeaders.Write(headers, [first, second]);
        Assert.Equal([first.TraceId, second.TraceId], TraceHeaders.Read(headers).Select(c => c.TraceId));
    }

    public void Dispose() => _listener.Dispose();

    private static ActivityContext Context() =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);

    private static DictionarySendHeaders Headers() => new(new Dictionary<string, object?>()!);

    private static DictionarySendHeaders Message(string header, ActivityContext sender, params ActivityContext[] others)
    {
        var headers = Headers();
        headers.Set(header, OutboxTrace.Format([sender]));
        TraceHeaders.Write(headers, [sender, .. others]);
        return headers;
    }
}
