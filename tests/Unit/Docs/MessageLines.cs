using System.Reflection;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MassTransit.Context;
using MassTransit.Serialization;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>The generated part of the reference of messages.</summary>
internal static class MessageLines
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    // What differs from message to message and from machine to machine.
    private static readonly (string Property, JsonNode? Value)[] OfTheEnvelope =
    [
        ("messageId", "8a2f0000-5cf7-0a58-1b9e-08de48d5c001"), ("conversationId", "8a2f0000-5cf7-0a58-2c4d-08de48d5c001"),
        ("sourceAddress", "rabbitmq://broker.example/cpf/ingest_bus"),
        ("destinationAddress", "rabbitmq://broker.example/cpf/CpfPipeline.Contracts:ContentStored"),
        ("sentTime", "2026-01-01T12:00:00Z"), ("headers", new JsonObject()),
    ];

    /// <summary>The table of all messages, the envelope, and a section for each message.</summary>
    public static string Make() =>
        "\n| message | kind | queue or exchange | sent by | taken by |\n|---|---|---|---|---|\n"
        + string.Concat(MessageExamples.All.Select(m => Row(m.GetType()))) + "\n## The envelope\n\n```json\n" + Envelope() + "\n```\n"
        + string.Concat(MessageExamples.All.Select(Section)) + "\n";

    /// <summary>The word before the colon of a message's documentation.</summary>
    public static string KindOf(Type message) => CodeComments.SummaryOf(message).Split([':', ' '])[0].ToLowerInvariant();

    private static string Row(Type message) =>
        $"| [{message.Name}](#{message.Name.ToLowerInvariant()}) | {KindOf(message)} | {PlaceOf(message)} | "
        + $"{string.Join(", ", MessageTraffic.SendersOf(message))} | {string.Join(", ", MessageTraffic.TakersOf(message))} |\n";

    private static string PlaceOf(Type message) =>
        MessageTraffic.QueueOf(message) is { } queue ? $"queue `{queue}`" : $"exchange `{message.Namespace}:{message.Name}`";

    private static string Section(object example)
    {
        var type = example.GetType();
        var queue = MessageTraffic.QueueOf(type);
        return $"\n## {type.Name}\n\n{CodeComments.SummaryOf(type)}\n\n"
            + $"{(queue is null ? "Bind a queue of yours to the" : "Through the")} exchange `{type.Namespace}:{type.Name}`"
            + (queue is null ? "." : $", or `{queue}` of the queue alone.")
            + $" **Twice or late:** {CodeComments.RemarksOf(type)}\n\n"
            + "| field | type | needed | meaning |\n|---|---|---|---|\n"
            + string.Concat(type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
                .Where(p => p.CanWrite).Select(Field))
            + $"\n```json\n{Json(Serialised(example), "messageType", "message")}\n```\n";
    }

    private static string Field(PropertyInfo property)
    {
        var needed = property.CustomAttributes.Any(a => a.AttributeType.Name == "RequiredMemberAttribute");
        return $"| `{JsonNamingPolicy.CamelCase.ConvertName(property.Name)}` | {KindOf(property)} | {(needed ? "yes" : "no")} | "
            + $"{CodeComments.SummaryOf(property).Replace("|", "\\|", StringComparison.Ordinal)} |\n";
    }

    private static string KindOf(PropertyInfo property)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isText = property.GetCustomAttribute<JsonNumberHandlingAttribute>() is not null;
        return type == typeof(string) ? "text"
            : type == typeof(bool) ? "`true` or `false`"
            : type == typeof(Guid) ? "UUID, as text"
            : type == typeof(DateTimeOffset) ? "time, ISO 8601"
            : type == typeof(double) ? "number"
            : type == typeof(IReadOnlyList<long>) ? "list of ids, each as text"
            : isText ? "id, as text"
            : type == typeof(int) || type == typeof(long) ? "whole number"
            : throw new NotSupportedException($"no word for the type of {property.DeclaringType!.Name}.{property.Name}");
    }

    private static string Envelope()
    {
        var envelope = Serialised(MessageExamples.All.OfType<CpfPipeline.Contracts.ContentStored>().Single());
        foreach (var (property, value) in OfTheEnvelope)
        {
            envelope[property] = value?.DeepClone();
        }

        // Machine, process and versions of the sender: for people who look for a fault.
        envelope["host"] = new JsonObject { ["machineName"] = "shop-7", ["processName"] = "dotnet", ["processId"] = 4242 };
        return Json(
            envelope, "messageId", "conversationId", "sourceAddress", "destinationAddress", "messageType", "message", "sentTime", "headers",
            "host");
    }

    private static string Json(JsonObject envelope, params string[] properties) => new JsonObject(
        properties.Select(p => KeyValuePair.Create(p, envelope[p]?.DeepClone()))).ToJsonString(Indented);

    /// <summary>The body that MassTransit gives the broker.</summary>
    private static JsonObject Serialised(object message) => (JsonObject)typeof(MessageLines)
        .GetMethod(nameof(SerialisedAs), BindingFlags.Static | BindingFlags.NonPublic)!.MakeGenericMethod(message.GetType())
        .Invoke(null, [message])!;

    private static JsonObject SerialisedAs<T>(T message)
        where T : class =>
        JsonNode.Parse(new SystemTextJsonMessageBody<T>(
            new MessageSendContext<T>(message), SystemTextJsonMessageSerializer.Options).GetString())!.AsObject();
}
