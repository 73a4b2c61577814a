using CpfPipeline.Contracts;
using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The reference lists every message as the code has it: fields, senders, takers, and how it looks on the wire.</summary>
public sealed class MessageReferenceTests
{
    private static readonly GeneratedPart Part = new(
        "infra/MESSAGES.md",
        "<!-- Made from the messages: CPF_WRITE_REFERENCE=1 infra/cpf test Unit --class \"*MessageReference*\" -->\n",
        "<!-- Until here. -->\n");

    [Fact]
    public void Page_OfTheMessages_IsWhatTheCodeSays() => Part.AssertIs(MessageLines.Make());

    [Fact]
    public void Examples_OfTheMessages_AreOneOfEach() =>
        Assert.Equal(
            MessageTraffic.Messages.Select(m => m.Name).Order(StringComparer.Ordinal),
            MessageExamples.All.Select(m => m.GetType().Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Comments_OfEveryMessage_SayWhatItIsAndWhatARepeatDoes() =>
        Assert.All(
            MessageTraffic.Messages,
            message =>
            {
                Assert.Contains(MessageLines.KindOf(message), new[] { "command", "event" });
                Assert.True(CodeComments.RemarksOf(message).Length > 10, $"{message.Name} does not say what a repeat or a late one does");
                Assert.All(message.GetProperties().Where(p => p.CanWrite), p => Assert.True(
                    CodeComments.SummaryOf(p).Length > 5, $"{message.Name}.{p.Name} has no meaning"));
            });

    [Fact]
    public void Traffic_OfEveryMessage_HasASenderAndATaker()
    {
        Assert.All(MessageTraffic.Messages, message => Assert.NotEmpty(MessageTraffic.SendersOf(message)));
        Assert.Equal(["Matcher"], MessageTraffic.SendersOf(typeof(JoinTile)));
        Assert.Equal(["Embedder", "Matcher"], MessageTraffic.TakersOf(typeof(ModelActivated)));

        // Who waits for something by a queue has a consumer of it.
        Assert.All(
            MessageTraffic.Messages.Where(m => MessageTraffic.QueueOf(m) is not null),
            message => Assert.DoesNotContain("you", MessageTraffic.TakersOf(message)));
    }
}
