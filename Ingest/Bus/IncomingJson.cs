using System.Runtime.Serialization;
using System.Text.Json;
using CpfPipeline.Ingest.Intake;

namespace CpfPipeline.Ingest.Bus;

/// <summary>Reads a body of either kind: MassTransit's envelope, or the plain fields of a foreign producer.</summary>
internal static class IncomingJson
{
    /// <summary>The message, identified.</summary>
    /// <param name="body">UTF-8 JSON, with or without a byte order mark.</param>
    /// <param name="transportTime">When the transport says it was sent, or when it was received; an envelope knows better.</param>
    /// <exception cref="SerializationException">Not JSON, or nobody can tell which image it is about.</exception>
    public static IncomingSubmission Read(ReadOnlySpan<byte> body, DateTimeOffset transportTime)
    {
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("message", out var message) && json.TryGetProperty("messageType", out _))
            {
                transportTime = json.TryGetProperty("sentTime", out var sent) && sent.ValueKind == JsonValueKind.String && sent.TryGetDateTimeOffset(out var at)
                    ? at
                    : transportTime;
                json = message;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter tells of names and values with unpaired surrogates. Messages of both may quote the body, and this one is logged.
            var where = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column } ? $" (line {line + 1}, byte {column + 1})" : "";
            throw new SerializationException($"The body is not JSON{where}.");
        }

        var submission = SubmissionJson.Read(json);
        if (SubmissionRule.IdentityProblem(submission.Source, submission.ExternalId) is { } problem)
        {
            throw new SerializationException(submission.Problem ?? problem);
        }

        return new IncomingSubmission
        {
            Source = submission.Source,
            ExternalId = submission.ExternalId,
            Uri = submission.Uri,
            ProductKey = submission.ProductKey,
            KeyScope = submission.KeyScope,
            Revision = submission.Revision,
            Problem = submission.Problem,
            SentAtMilliseconds = transportTime.ToUnixTimeMilliseconds(),
        };
    }
}
