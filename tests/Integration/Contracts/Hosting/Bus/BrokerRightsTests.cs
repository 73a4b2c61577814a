using System.Text.RegularExpressions;
using CpfPipeline.Hosting.Bus;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Bus;

/// <summary>The rights that infra/SECURITY.md recommends for users of the broker.</summary>
public sealed partial class BrokerRightsTests(TestBroker broker)
{
    [Fact]
    public async Task Users_WithTheRecommendedRights_ReachTheirQueuesAlone()
    {
        var address = BrokerAddress.Read((await broker.CreateHostAsync()).ToString());
        await using var topology = new TopologyDeclaration(address, TimeProvider.System, NullLogger<TopologyDeclaration>.Instance);
        await topology.StartAsync(CancellationToken.None);
        var users = await RecommendedAsync();
        Assert.Equal(["submitter", "reviewer", "scheduler"], users.Select(u => u.Name));
        var exchanges = Topology.Bindings.Select(b => b.Queue).Append(Topology.DeadLetterQueue).Append("").ToList();
        var allowed = new Dictionary<string, string[]>
        {
            ["submitter"] = [Topology.SubmitImageQueue, Topology.RetractImageQueue],
            ["reviewer"] = [Topology.GiveVerdictQueue],
            ["scheduler"] = [Topology.TrainModelQueue],
        };

        foreach (var user in users)
        {
            var uri = await broker.CreateUserAsync(address.Uri, user.Configure, user.Write, user.Read);
            await using var connection = await BrokerAddress.Read(uri.ToString()).Factory("test").CreateConnectionAsync();
            var reached = new List<string>();
            foreach (var exchange in exchanges)
            {
                if (await MayAsync(connection, channel => PublishAsync(channel, exchange)))
                {
                    reached.Add(exchange);
                }
            }

            Assert.Equal(allowed[user.Name].Order(), reached.Order());
            Assert.False(await MayAsync(connection, c => c.BasicGetAsync(Topology.SubmitImageQueue, autoAck: true)));
            Assert.False(await MayAsync(connection, c => c.QueuePurgeAsync(Topology.SubmitImageQueue)));
            Assert.False(await MayAsync(connection, c => c.QueueDeleteAsync(Topology.GiveVerdictQueue)));
            Assert.False(await MayAsync(connection, c => c.QueueDeclareAsync("spy", exclusive: false)));
            Assert.False(await MayAsync(connection, c => c.QueueBindAsync(Topology.TrainModelQueue, Topology.SubmitImageQueue, "")));
        }
    }

    // Of more than 64 MiB, a service's client drops its connection, and is delivered the message again.
    [Fact]
    public async Task Message_OfMoreThanTheBrokerShouldTake_IsRefused()
    {
        var address = BrokerAddress.Read((await broker.CreateHostAsync()).ToString());
        await using var topology = new TopologyDeclaration(address, TimeProvider.System, NullLogger<TopologyDeclaration>.Instance);
        await topology.StartAsync(CancellationToken.None);
        await using var connection = await address.Factory("test").CreateConnectionAsync();

        await PublishAsync(16 << 20);
        var refused = await Assert.ThrowsAnyAsync<OperationInterruptedException>(() => PublishAsync((16 << 20) + 1));
        Assert.Equal(406, refused.ShutdownReason!.ReplyCode);

        async Task PublishAsync(int length)
        {
            await using var channel = await connection.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
            await channel.BasicPublishAsync(Topology.SubmitImageQueue, "", new byte[length]);
        }
    }

    private static Task PublishAsync(IChannel channel, string exchange) =>
        channel.BasicPublishAsync(exchange, exchange.Length == 0 ? Topology.TrainModelQueue : "", "{}"u8.ToArray()).AsTask();

    // Each try has a channel of its own, which a refusal closes. Confirmed, so that a refusal is seen.
    private static async Task<bool> MayAsync(IConnection connection, Func<IChannel, Task> act)
    {
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
        try
        {
            await act(channel);
            return true;
        }
        catch (Exception e) when (e is OperationInterruptedException { ShutdownReason.ReplyCode: 403 }
            or AlreadyClosedException { ShutdownReason.ReplyCode: 403 })
        {
            return false;
        }
    }

    private static async Task<List<(string Name, string Configure, string Write, string Read)>> RecommendedAsync()
    {
        var text = await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "infra", "SECURITY.md"));
        return [.. Row().Matches(text).Select(m => (
            m.Groups["name"].Value, Pattern(m, "configure"), Pattern(m, "write"), Pattern(m, "read")))];

        static string Pattern(Match row, string group) => row.Groups[group].Value.Replace("\\|", "|", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\| (?<name>\w+) \| `(?<configure>\^[^`]*)` \| `(?<write>\^[^`]*)` \| `(?<read>\^[^`]*)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
