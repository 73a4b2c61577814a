using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using MassTransit;
using MassTransit.Serialization;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Passes an already parsed message to its consumer unchanged.</summary>
/// <param name="contentType">Content type of the message.</param>
/// <param name="message">Headers and addresses.</param>
/// <param name="parsed">The parsed message.</param>
/// <param name="options">How MassTransit treats the message's type.</param>
internal sealed class ParsedMessageContext(ContentType contentType, MessageContext message, object parsed, RawSerializerOptions options)
    : SystemTextJsonRawSerializerContext(
        SystemTextJsonMessageSerializer.Instance, SystemTextJsonMessageSerializer.Options, contentType, message, [], options, default)
{
    public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message)
        where T : class => (message = parsed as T) is not null;

    public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message) =>
        (message = messageType.IsInstanceOfType(parsed) ? parsed : null) is not null;
}
