using System.Diagnostics;
using CpfPipeline.Hosting.Bus;
using MassTransit;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// The least that an image's messages cost: three queues one after the other, each consumed in batches, with confirmation. No database.
/// The baseline of the message path.
/// </summary>
internal static class ThreeHops
{
    private const int Hops = 3;
    private const int BatchSize = 128;
    private const int AtOnce = 500;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>Messages a second from the first's sending to the last's third arrival.</summary>
    public static async Task<double> MeasureAsync(Uri rabbitMq, int count, CancellationToken cancellationToken)
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var left = count;
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(rabbitMq, host => host.PublisherConfirmation = true);
            for (var hop = 1; hop <= Hops; hop++)
            {
                var next = hop < Hops ? Address(hop + 1) : null;
                rabbit.ReceiveEndpoint(Queue(hop), endpoint =>
                {
                    endpoint.ConfigureConsumeTopology = false;
                    endpoint.UsePolicy(BatchSize * 3);
                    endpoint.Consumer(() => new Forward(next, n =>
                    {
                        if (Interlocked.Add(ref left, -n) == 0)
                        {
                            arrived.SetResult();
                        }
                    }), consumer => consumer.Options<BatchOptions>(options => options
                        .SetMessageLimit(BatchSize).SetTimeLimit(TimeSpan.FromMilliseconds(100)).SetConcurrencyLimit(2)));
                });
            }
        });
        await bus.StartAsync(cancellationToken);
        try
        {
            var start = Stopwatch.GetTimestamp();
            var first = await bus.GetSendEndpoint(Address(1));
            foreach (var chunk in Enumerable.Range(0, count).Chunk(AtOnce))
            {
                await Task.WhenAll(chunk.Select(id => first.Send(new BareMessage { Id = id }, cancellationToken)));
            }

            await arrived.Task.WaitAsync(Limit, TimeProvider.System, cancellationToken);
            return count / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            await bus.StopAsync(CancellationToken.None);
        }
    }

    private static string Queue(int hop) => $"bench.hop-{hop}";

    private static Uri Address(int hop) => new($"exchange:{Queue(hop)}");

    private sealed class Forward(Uri? next, Action<int> end) : IConsumer<Batch<BareMessage>>
    {
        public async Task Consume(ConsumeContext<Batch<BareMessage>> context)
        {
            if (next is null)
            {
                end(context.Message.Length);
                return;
            }

            var endpoint = await context.GetSendEndpoint(next);
            await Task.WhenAll(context.Message.Select(message => endpoint.Send(message.Message, context.CancellationToken)));
        }
    }
}
