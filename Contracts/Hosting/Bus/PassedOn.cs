using RabbitMQ.Client;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// What a message keeps when a service passes it on under its own name. Routing by headers (CC, BCC), the producer's user and the lifetime
/// are left out: with a service's rights they would do what the producer may not.
/// </summary>
public static class PassedOn
{
    // What the broker and its client count by comes anew.
    private static readonly string[] Left = ["CC", "BCC", "x-delivery-count", "x-acquired-count", "x-dotnet-pub-seq-no"];

    /// <param name="properties">As received.</param>
    /// <param name="alsoLeft">Further headers that are left out, by how they begin.</param>
    public static BasicProperties Copy(IReadOnlyBasicProperties properties, IReadOnlyCollection<string> alsoLeft)
    {
        var copy = new BasicProperties
        {
            Persistent = true,
            Headers = (properties.Headers ?? new Dictionary<string, object?>())
                .Where(h => !Left.Contains(h.Key, StringComparer.OrdinalIgnoreCase)
                    && !alsoLeft.Any(p => h.Key.StartsWith(p, StringComparison.OrdinalIgnoreCase)))
                .ToDictionary(h => h.Key, h => h.Value),
        };
        copy.MessageId = properties.IsMessageIdPresent() ? properties.MessageId : null;
        copy.CorrelationId = properties.IsCorrelationIdPresent() ? properties.CorrelationId : null;
        copy.ContentType = properties.IsContentTypePresent() ? properties.ContentType : null;
        copy.ContentEncoding = properties.IsContentEncodingPresent() ? properties.ContentEncoding : null;
        copy.Type = properties.IsTypePresent() ? properties.Type : null;
        if (properties.IsTimestampPresent())
        {
            copy.Timestamp = properties.Timestamp;
        }

        return copy;
    }
}
