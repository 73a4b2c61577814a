using System.Runtime.Serialization;
using System.Text.Json;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Ingest.Consumers;

/// <summary>Reads the body of a message: MassTransit's envelope, or the plain fields of a foreign producer.</summary>
internal static class MessageJson
{
    /// <summary>The submission; its source and external id are valid.</summary>
    /// <param name="body">UTF-8 JSON, with or without a byte order mark.</param>
    /// <param name="transportTime">
    /// When the transport says that it was sent, or when it was received. The time in an envelope takes precedence.
    /// </param>
    /// <exception cref="SerializationException">The body is not JSON, or does not name an image.</exception>
    public static Submission ReadSubmission(ReadOnlySpan<byte> body, DateTimeOffset transportTime)
    {
        JsonElement json;
        try
        {
            json = JsonSerializer.Deserialize<JsonElement>(body.StartsWith("\uFEFF"u8) ? body[3..] : body);
            if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("message", out var message)
                && json.TryGetProperty("messageType", out _))
            {
                transportTime = json.TryGetProperty("sentTime", out var sent) && sent.ValueKind == JsonValueKind.String
                    && sent.TryGetDateTimeOffset(out var sentAt)
                    ? sentAt
                    : transportTime;
                json = message;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException is thrown for names and values with unpaired surrogates. The messages of both exceptions may quote
            // the body, and this text is logged.
            var where = e is JsonException { LineNumber: { } line, BytePositionInLine: { } column }
                ? $" (line {line + 1}, byte {column + 1})" : "";
            throw new SerializationException($"The body is not JSON{where}.");
        }

        var submission = SubmissionJson.Read(json);
        return SubmissionRule.IdentityProblem(submission.Source, submission.ExternalId) is { } problem
            ? throw new SerializationException(submission.Problem ?? problem)
            : submission with { SentAtMilliseconds = transportTime.ToUnixTimeMilliseconds() };
    }

    /// <summary>The retraction.</summary>
    /// <exception cref="SerializationException">
    /// As for a submission, and also when any field is malformed: a bad submission is rejected under the image's name, but a bad retraction
    /// would go unnoticed.
    /// </exception>
    public static Retraction ReadRetraction(ReadOnlySpan<byte> body, DateTimeOffset transportTime)
    {
        var read = ReadSubmission(body, transportTime);
        return (read.Problem ?? (read.HasMalformedRevision ? RevisionText.Problem : null)) is { } problem
            ? throw new SerializationException(problem)
            : new Retraction { Source = read.Source!, ExternalId = read.ExternalId!, Revision = read.Revision ?? read.SentAtMilliseconds };
    }
}
