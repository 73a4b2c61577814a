using System.Net.Mime;
using System.Runtime.Serialization;
using System.Text.Json;
using MassTransit;
using MassTransit.Serialization;

namespace CpfPipeline.Ingest.Bus;

/// <summary>
/// Deserialises what arrives on Ingest's queues, whatever its content type says. An unreadable body throws here, before it joins a batch,
/// and goes to the error queue alone.
/// </summary>
internal sealed class IncomingDeserializer(ContentType contentType, bool retractions, TimeProvider time, ILogger logger) : ISerializerFactory, IMessageDeserializer
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

    private SystemTextJsonRawSerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress, DateTimeOffset sentAt)
    {
        var message = IncomingJson.Read(body.GetBytes(), sentAt);
        if (retractions && message.Problem is { } problem)
        {
            throw new SerializationException(problem); // A submission is rejected by name; of a retraction nobody else would hear.
        }

        return new SystemTextJsonRawSerializerContext(
            SystemTextJsonMessageSerializer.Instance,
            SystemTextJsonMessageSerializer.Options,
            ContentType,
            new RawMessageContext(headers, destinationAddress, Options),
            [],
            Options,
            JsonSerializer.SerializeToElement(message, SystemTextJsonMessageSerializer.Options));
    }

    // Some producers put milliseconds where AMQP wants seconds.
    private static DateTimeOffset? TimeOf(long unixTime) => unixTime switch
    {
        <= 0 => null,
        < 100_000_000_000 => DateTimeOffset.FromUnixTimeSeconds(unixTime),
        < 100_000_000_000_000 => DateTimeOffset.FromUnixTimeMilliseconds(unixTime),
        _ => null,
    };
}
