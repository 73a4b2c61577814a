using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Json;
using CpfPipeline.Hosting.Bus;
using RabbitMQ.Client;

namespace CpfPipeline.Ingest.Replays;

/// <summary>Reads what lies beside a failed message: MassTransit's <c>MT-Fault-*</c> headers, or the broker's <c>x-death</c>.</summary>
internal static class FailedMessageReader
{
    /// <summary>Header with the number of times that a message was put back.</summary>
    public const string ReplaysHeader = "cpf-replays";

    /// <summary>Suffix of MassTransit's queues of messages that failed.</summary>
    public const string ErrorSuffix = "_error";

    /// <summary>Suffix of MassTransit's queues of messages that no consumer takes.</summary>
    public const string SkippedSuffix = "_skipped";

    private const string Unknown = "unknown";
    private const int MaxDetailLength = 300;

    // The year 9999. Anybody may write such a header.
    private const long MaxUnixTime = 253_402_300_799;

    // Only what says how it failed is taken off. A message that goes back must be as its producer sent it.
    private static readonly string[] NotesOfFailure =
        ["MT-Fault-", "MT-Reason", "MT-Host-", "x-death", "x-first-death-", "x-last-death-", "cpf-outage"];

    private static readonly string[] SourceFields = ["source", "sourceA", "source_a", "sourceB", "source_b"];

    /// <summary>The message as it is shown and chosen by.</summary>
    public static FailedMessage Read(string queue, IReadOnlyBasicProperties properties, ReadOnlySpan<byte> body)
    {
        var headers = properties.Headers ?? new Dictionary<string, object?>();
        var death = Death(headers);
        var from = queue == Topology.DeadLetterQueue ? Text(death, "queue") : queue;
        var json = Json(body);
        var target = from is null ? null : Origin(from);
        return new FailedMessage(
            queue,
            Topology.Bindings.Any(b => b.Queue == target) ? target : null,
            Try(() => MessageOf(headers, json, target)) ?? Unknown,
            Reason(queue, headers, death),
            Detail(headers, death),
            Try(() => Source(json)),
            Time(headers, death),
            Number(headers, ReplaysHeader));
    }

    /// <summary>
    /// Its properties for the way back: without the notes of the failure, counted once more. One without a time of sending gets that of its
    /// failure: a submission without a revision must not become newer by being put back.
    /// </summary>
    public static BasicProperties ForReturn(IReadOnlyBasicProperties properties, FailedMessage message)
    {
        var sent = PassedOn.Copy(properties, NotesOfFailure);
        sent.Headers![ReplaysHeader] = message.Replays + 1;
        if (!sent.IsTimestampPresent() && message.FailedAt is { } at)
        {
            sent.Timestamp = new AmqpTimestamp(at.ToUnixTimeSeconds());
        }

        return sent;
    }

    /// <summary>Its properties for its place among those that stay: with every note.</summary>
    public static BasicProperties ForStay(IReadOnlyBasicProperties properties) => PassedOn.Copy(properties, []);

    private static string Origin(string queue) =>
        queue.EndsWith(ErrorSuffix, StringComparison.Ordinal) ? queue[..^ErrorSuffix.Length]
        : queue.EndsWith(SkippedSuffix, StringComparison.Ordinal) ? queue[..^SkippedSuffix.Length]
        : queue;

    // The newest entry comes first. One that died in a queue of failed messages has its own fault in the other headers.
    private static IDictionary<string, object?>? Death(IDictionary<string, object?> headers) =>
        headers.TryGetValue("x-death", out var value) && value is IList { Count: > 0 } entries
            ? entries[0] as IDictionary<string, object?> : null;

    private static string Reason(string queue, IDictionary<string, object?> headers, IDictionary<string, object?>? death) =>
        Text(headers, "MT-Fault-ExceptionType")
        ?? (queue.EndsWith(SkippedSuffix, StringComparison.Ordinal) ? FailedMessage.Skipped : Text(death, "reason") ?? Unknown);

    private static string? Detail(IDictionary<string, object?> headers, IDictionary<string, object?>? death)
    {
        var text = Text(headers, "MT-Fault-Message");
        if (text is null && death is not null)
        {
            text = string.Create(
                CultureInfo.InvariantCulture, $"{Text(death, "reason")} in {Text(death, "queue")}, {Number(death, "count")} times");
        }

        return text is { Length: > MaxDetailLength } ? text[..MaxDetailLength] + "..." : text;
    }

    private static DateTimeOffset? Time(IDictionary<string, object?> headers, IDictionary<string, object?>? death) =>
        DateTimeOffset.TryParse(
            Text(headers, "MT-Fault-Timestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var faulted)
            ? faulted
            : death?.TryGetValue("time", out var died) == true && died is AmqpTimestamp { UnixTime: > 0 and < MaxUnixTime } at
                ? DateTimeOffset.FromUnixTimeSeconds(at.UnixTime) : null;

    private static string MessageOf(IDictionary<string, object?> headers, JsonElement json, string? target)
    {
        var type = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("messageType", out var types)
            && types.ValueKind == JsonValueKind.Array && types.GetArrayLength() > 0
                ? types[0].ToString() : Text(headers, "MT-Fault-MessageType");
        return type?.Split(':')[^1].Split('.')[^1]
            ?? Topology.Bindings.Where(b => b.Queue == target).Select(b => b.Message.Name).FirstOrDefault() ?? Unknown;
    }

    // Names and values with unpaired surrogates throw when they are read.
    private static T? Try<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidOperationException)
        {
            return default;
        }
    }

    private static string? Source(JsonElement json)
    {
        var message = json.ValueKind == JsonValueKind.Object && json.TryGetProperty("message", out var inner) ? inner : json;
        return message.ValueKind != JsonValueKind.Object ? null : message.EnumerateObject()
            .Where(p => p.Value.ValueKind == JsonValueKind.String && SourceFields.Contains(p.Name, StringComparer.OrdinalIgnoreCase))
            .Select(p => p.Value.GetString()).FirstOrDefault();
    }

    private static JsonElement Json(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return JsonElement.ParseValue(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return default; // That may be why it failed.
        }
    }

    private static string? Text(IDictionary<string, object?>? headers, string name) =>
        headers?.TryGetValue(name, out var value) != true ? null : value switch
        {
            byte[] bytes => Encoding.UTF8.GetString(bytes),
            null => null,
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };

    private static long Number(IDictionary<string, object?> headers, string name) =>
        long.TryParse(Text(headers, name), CultureInfo.InvariantCulture, out var number) ? number : 0;
}
