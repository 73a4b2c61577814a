using CpfPipeline.Hosting.Outbox;
using MassTransit;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Xunit;
using PublishException = RabbitMQ.Client.Exceptions.PublishException;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Outbox;

/// <summary>One message that the broker does not take holds up no other one.</summary>
public sealed class PublishRoundTests
{
    private const string Poison = "poison";

    [Fact]
    public async Task ThenAloneAsync_OneIsRefused_TheOthersAreConfirmedAndNoneIsSentTwice()
    {
        var sent = new List<string>();

        var outcomes = await RunAsync(["a", Poison, "b"], message =>
        {
            sent.Add(message);
            return message == Poison ? new PublishException(2, isReturn: false) : null;
        });

        Assert.Equal(
            [PublishOutcomeKind.Confirmed, PublishOutcomeKind.Refused, PublishOutcomeKind.Confirmed], outcomes.Select(o => o.Kind));
        Assert.Equal(["a", Poison, "b"], sent);
    }

    [Fact]
    public async Task ThenAloneAsync_OneClosesTheChannelOfAll_OnlyItIsRefused()
    {
        var sent = new List<string>();

        // A message that is too large takes what was on its way beside it along.
        var outcomes = await RunAsync(["a", Poison, "b"], message =>
        {
            sent.Add(message);
            return message == Poison || sent.Count(s => s == message) == 1 ? Closed(406, "message size exceeds the limit") : null;
        });

        Assert.Equal(
            [PublishOutcomeKind.Confirmed, PublishOutcomeKind.Refused, PublishOutcomeKind.Confirmed], outcomes.Select(o => o.Kind));
        Assert.Equal("message size exceeds the limit", outcomes[1].Reason);
        Assert.Equal(6, sent.Count);
    }

    [Fact]
    public async Task ThenAloneAsync_BrokerIsAway_NothingIsSentAgainAndNothingIsRefused()
    {
        var sent = 0;

        var outcomes = await RunAsync(["a", "b"], _ =>
        {
            sent++;
            return new RabbitMqConnectionException("down", new BrokerUnreachableException(new IOException("refused")));
        });

        Assert.True(PublishRound.IsAway(outcomes));
        Assert.Equal(2, sent);
    }

    [Fact]
    public async Task ThenAloneAsync_SilentToOneOnly_ThatOneIsRefused()
    {
        var outcomes = await RunAsync(["a", Poison], message => message == Poison ? new TimeoutException() : null);

        Assert.Equal([PublishOutcomeKind.Confirmed, PublishOutcomeKind.Refused], outcomes.Select(o => o.Kind));
    }

    [Theory]
    [InlineData(320, PublishOutcomeKind.Unanswered)] // the broker is shut down
    [InlineData(541, PublishOutcomeKind.Unanswered)]
    [InlineData(311, PublishOutcomeKind.Suspected)]
    [InlineData(406, PublishOutcomeKind.Suspected)]
    public void Judge_ClosedByTheBroker_TellsChannelFromConnection(ushort code, object kind) =>
        Assert.Equal(kind, PublishRound.Judge(new RabbitMqConnectionException("failed", Closed(code, "text"))).Kind);

    [Fact]
    public void Judge_FaultOfTheMessage_IsRefused() =>
        Assert.Equal(PublishOutcomeKind.Refused, PublishRound.Judge(new NotSupportedException("cannot be written")).Kind);

    private static Task<PublishOutcome[]> RunAsync(string[] messages, Func<string, Exception?> fault) =>
        PublishRound.ThenAloneAsync(
            messages, (message, _) => fault(message) is { } e ? Task.FromException(e) : Task.CompletedTask, TimeSpan.FromMinutes(1),
            TimeProvider.System, CancellationToken.None);

    private static AlreadyClosedException Closed(ushort code, string text) =>
        new(new ShutdownEventArgs(ShutdownInitiator.Peer, code, text));
}
