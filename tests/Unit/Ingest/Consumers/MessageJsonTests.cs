using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Ingest.Consumers;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Consumers;

public sealed class MessageJsonTests
{
    private static readonly DateTimeOffset Then = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);

    [Theory]
    [InlineData("""{"source":"s","externalId":"x","uri":"u","productKey":"k","keyScope":"global","revision":7}""")]
    [InlineData("""{"source":"s","external_id":"x","uri":"u","product_key":"k","key_scope":"global","revision":"7","more":[1]}""")]
    [InlineData("""{"Source":"s","ExternalId":"x","Uri":"u","ProductKey":"k","KeyScope":"global","Revision":7}""")]
    [InlineData("""
        {"messageId":"1","messageType":["urn:message:CpfPipeline.Contracts:SubmitImage"],
         "message":{"source":"s","externalId":"x","uri":"u","productKey":"k","keyScope":"global","revision":7}}
        """)]
    public void Read_EveryWayOfWriting_SameSubmission(string json) =>
        Assert.Equal(
            new Submission { Source = "s", ExternalId = "x", Uri = "u", ProductKey = "k", KeyScope = "global", Revision = 7,
                SentAtMilliseconds = 1_700_000_000_123 },
            MessageJson.ReadSubmission(Encoding.UTF8.GetBytes(json), Then));

    [Theory]
    [InlineData("""{"messag\ud800":1,"source":"s","externalId":"x"}""")]
    [InlineData("""{"messageType":[],"message":{"source":"s","externalId":"x"},"sentTime":"\ud800"}""", true)]
    public void Read_UnpairedSurrogates_NeverThrowAnythingElse(string json, bool accepted = false)
    {
        var e = Record.Exception(() => MessageJson.ReadSubmission(Encoding.UTF8.GetBytes(json), Then));
        Assert.Equal(accepted ? null : typeof(SerializationException), e?.GetType());
    }

    [Fact]
    public void Read_EnvelopeWithSentTime_IsTheDefaultRevision()
    {
        var json = """{"messageType":["x"],"sentTime":"2026-01-02T03:04:05Z","message":{"source":"s","externalId":"x","uri":"u"}}""";
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeMilliseconds(),
            MessageJson.ReadSubmission(Encoding.UTF8.GetBytes(json), Then).SentAtMilliseconds);
    }

    [Fact]
    public void Read_RecordOfContracts_SurvivesTheTrip()
    {
        var sent = new SubmitImage { Source = "s", ExternalId = "a/b", Uri = "http://h/x", Revision = 5 };
        var read = MessageJson.ReadSubmission(JsonSerializer.SerializeToUtf8Bytes(sent, OutboxStore.Json), Then);
        Assert.Equal((sent.Source, sent.ExternalId, sent.Uri, sent.Revision), (read.Source, read.ExternalId, read.Uri, read.Revision));
    }

    [Fact]
    public void ReadRetraction_WithoutRevision_HasTheTimeOfSending() =>
        Assert.Equal(
            new Retraction { Source = "s", ExternalId = "x", Revision = 1_700_000_000_123 },
            MessageJson.ReadRetraction("""{"source":"s","external_id":"x"}"""u8, Then));

    // A rejected retraction would leave no trace, so it goes to the error queue.
    [Fact]
    public void ReadRetraction_MalformedRevision_Throws() =>
        Assert.Throws<SerializationException>(
            () => MessageJson.ReadRetraction("""{"source":"s","external_id":"x","revision":"soon"}"""u8, Then));

    [Theory]
    [InlineData("not json")]
    [InlineData("")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"source":"s"}""")]
    [InlineData("""{"source":"s","external_id":{}}""")]
    [InlineData("""{"source":"s","external_id":"a\u0000b"}""")]
    [InlineData("""{"source":"s","external_id":"\ud800"}""")]
    public void Read_WithoutIdentity_Throws(string json) =>
        Assert.Throws<SerializationException>(() => MessageJson.ReadSubmission(Encoding.UTF8.GetBytes(json), Then));

    [Theory]
    [InlineData("""{"source":"s","external_id":"x"}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":5.5,"revision":"soon"}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":"http://h/","revision":2.5}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":"http://h/","revision":{}}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":"http://h/","revision":"\ud800"}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":"http://h/","key_scope":"world"}""", RejectReasons.InvalidSubmission)]
    [InlineData("""{"source":"s","external_id":"x","uri":"images/1.jpg"}""", RejectReasons.InvalidUri)]
    [InlineData("""{"source":"s","external_id":"x","uri":"ftp://h/1.jpg"}""", RejectReasons.UnsupportedScheme)]
    [InlineData("""{"source":"s","external_id":"x","uri":"data:image/png;base64,AA"}""", RejectReasons.UnsupportedScheme)]
    public void Read_IdentifiedButWrong_IsAnEntryWithReason(string json, string reason)
    {
        var entry = SubmissionRule.ToEntry(MessageJson.ReadSubmission(Encoding.UTF8.GetBytes(json), Then));
        Assert.Equal(reason, entry.Reason);
    }

    [Fact]
    public void Read_AnyBytes_ReadsOrThrowsSerializationException() =>
        Gen.Select(Gen.Byte.Array[0, 6], Gen.Int[0, 60]).Sample((flips, at) =>
        {
            var bytes = Encoding.UTF8.GetBytes("""{"source":"s","externalId":"x","uri":"http://h/","revision":7}""");
            for (var i = 0; i < flips.Length && at + i < bytes.Length; i++)
            {
                bytes[at + i] = flips[i];
            }

            try
            {
                return MessageJson.ReadSubmission(bytes, Then).Source!.Length > 0;
            }
            catch (SerializationException)
            {
                return true;
            }
        }, iter: 5000);
}
