using System.Reflection;
using CpfPipeline.Hosting.Bus;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Bus;

/// <summary>A queue that is not there costs a channel, and an error in the broker's log: it is asked for once a minute at most.</summary>
public sealed class QueueCounterTests
{
    private readonly Clock _clock = new();
    private readonly FakeBroker _broker = new();

    [Fact]
    public async Task CountAsync_QueuesOfWhichSomeAreMissing_AsksForThoseOnceAMinute()
    {
        _broker.Queues["a"] = 3;
        await using var counter = new QueueCounter(_broker.ConnectAsync, _clock);

        Assert.Equal([3u, null, null], await CountAsync(counter, "a", "a_error", "a_skipped"));
        Assert.Equal((3, 2), (_broker.Questions, _broker.Channels)); // The broker closed both over those that are missing.

        Assert.Equal([3u, null, null], await CountAsync(counter, "a", "a_error", "a_skipped"));
        Assert.Equal((4, 3), (_broker.Questions, _broker.Channels));
        Assert.Equal([3u, null, null], await CountAsync(counter, "a", "a_error", "a_skipped"));
        Assert.Equal((5, 3), (_broker.Questions, _broker.Channels));

        _broker.Queues["a_error"] = 1;
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal([3u, 1u, null], await CountAsync(counter, "a", "a_error", "a_skipped"));
    }

    [Fact]
    public async Task CountAsync_QueueThatIsAlwaysThere_IsAskedForAgainAtOnce()
    {
        await using var counter = new QueueCounter(_broker.ConnectAsync, _clock);
        Assert.Null(await counter.CountAsync("cpf.content-stored", default)); // The broker is starting.

        _broker.Queues["cpf.content-stored"] = 3;

        Assert.Equal(3u, await counter.CountAsync("cpf.content-stored", default));
    }

    [Fact]
    public async Task CountAsync_ChannelThatBroke_IsOpenedAnew()
    {
        _broker.Queues["a"] = 3;
        await using var counter = new QueueCounter(_broker.ConnectAsync, _clock);
        await counter.CountAsync("a", default);

        _broker.IsDown = true;
        await Assert.ThrowsAsync<AlreadyClosedException>(() => counter.CountAsync("a", default));
        _broker.IsDown = false;

        Assert.Equal(3u, await counter.CountAsync("a", default));
        Assert.Equal(2, _broker.Channels);
    }

    private static async Task<uint?[]> CountAsync(QueueCounter counter, params string[] queues)
    {
        var counts = new List<uint?>();
        foreach (var queue in queues)
        {
            counts.Add(await counter.CountAsync(queue, default));
        }

        return [.. counts];
    }

    private sealed class Clock : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }

    private sealed class FakeBroker
    {
        public Dictionary<string, uint> Queues { get; } = [];

        public int Channels { get; set; }

        public int Questions { get; set; }

        public bool IsDown { get; set; }

        public Task<IConnection> ConnectAsync(CancellationToken cancellationToken)
        {
            var connection = DispatchProxy.Create<IConnection, FakeConnection>();
            ((FakeConnection)(object)connection).Broker = this;
            return Task.FromResult(connection);
        }
    }

#pragma warning disable CA1852 // The proxies that are made at run time inherit them.
    internal class FakeConnection : DispatchProxy
    {
        private FakeBroker? _broker;

        internal object? Broker { get => _broker; set => _broker = (FakeBroker?)value; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            _broker!.Channels++;
            var channel = Create<IChannel, FakeChannel>();
            ((FakeChannel)(object)channel).Broker = _broker;
            return Task.FromResult(channel);
        }
    }

    internal class FakeChannel : DispatchProxy
    {
        private FakeBroker? _broker;
        private bool _isClosed;

        internal object? Broker { get => _broker; set => _broker = (FakeBroker?)value; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.Name switch
        {
            "get_IsOpen" => !_isClosed,
            nameof(IAsyncDisposable.DisposeAsync) => ValueTask.CompletedTask,
            nameof(IChannel.MessageCountAsync) => Count((string)args![0]!),
            var name => throw new NotSupportedException(name),
        };

        private Task<uint> Count(string queue)
        {
            _broker!.Questions++;
            if (!_broker.IsDown && _broker.Queues.TryGetValue(queue, out var count))
            {
                return Task.FromResult(count);
            }

            _isClosed = true;
            return Task.FromException<uint>(_broker.IsDown
                ? new AlreadyClosedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 320, "forced"))
                : new OperationInterruptedException(new ShutdownEventArgs(ShutdownInitiator.Peer, 404, "no queue")));
        }
    }
#pragma warning restore CA1852
}
