using System.Net.Mime;
using System.Runtime.Serialization;
using MassTransit;
using MassTransit.Serialization;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>
/// Reads what arrives on Ingest's queues, whatever its content type says. An unreadable body throws here, before it joins a batch, so that
/// it goes to the error queue alone.
/// </summary>
internal sealed class IncomingDeserializer(ContentType contentType, bool retractions, TimeProvider time, ILogger logger)
    : ISerializerFactory, IMessageDeserializer
{
    private const RawSerializerOptions Options = RawSerializerOptions.AnyMessageType;

    public ContentType ContentType { get; } = contentType;

    public IMessageSerializer CreateSerializer() => new SystemTextJsonRawMessageSerializer(Options);

    public IMessageDeserializer CreateDeserializer() => this;

    public ConsumeContext Deserialize(ReceiveContext receiveContext)
    {
        try
        {
            var sentAt = receiveContext.TryGetPayload<RabbitMqBasicConsumeContext>(out var rabbit) && rabbit.Properties.IsTimestampPresent()
                ? TimeOf(rabbit.Properties.Timestamp.UnixTime)
                : null;
            return new BodyConsumeContext(receiveContext, Deserialize(
                receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress, sentAt ?? time.GetUtcNow()));
        }
        catch (SerializationException e)
        {
            Log.MessageUnreadable(logger, receiveContext.InputAddress.AbsolutePath, e.Message);
            throw;
        }
    }

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) =>
        Deserialize(body, headers, destinationAddress, time.GetUtcNow());

    public MessageBody GetMessageBody(string text) => new StringMessageBody(text);

    public void Probe(ProbeContext context) => context.CreateScope("incoming");

    private ParsedMessageContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress, DateTimeOffset sentAt)
    {
        var bytes = body.GetBytes();
        object message = retractions ? MessageJson.ReadRetraction(bytes, sentAt) : MessageJson.ReadSubmission(bytes, sentAt);
        return new ParsedMessageContext(ContentType, new RawMessageContext(headers, destinationAddress, Options), message, Options);
    }

    // Some producers send milliseconds where AMQP wants seconds.
    private static DateTimeOffset? TimeOf(long unixTime) => unixTime switch
    {
        <= 0 => null,
        < 100_000_000_000 => DateTimeOffset.FromUnixTimeSeconds(unixTime),
        < 100_000_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(unixTime),
        _ => null,
    };
}
