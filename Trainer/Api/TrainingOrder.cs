using System.Text.Json;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Api;

/// <summary>The body of <c>POST /trainings</c>, read by hand so that a problem names its field.</summary>
internal static class TrainingOrder
{
    private const string Fields = "known are kind (training or threshold) and target_precision (a number between 0 and 1)";

    /// <param name="body">The body; nothing at all asks for the default.</param>
    /// <returns>The order, or what is wrong with it.</returns>
    public static (RunOrder? Order, string? Problem) Parse(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            return (new RunOrder(TrainingRunKind.Training), null);
        }

        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException e)
        {
            return (null, $"The body is no JSON (line {e.LineNumber + 1}): send an object, or nothing; {Fields}.");
        }

        using (document)
        {
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Parse(document.RootElement) : (null, $"The body must be a JSON object; {Fields}.");
        }
    }

    private static (RunOrder? Order, string? Problem) Parse(JsonElement body)
    {
        var order = new RunOrder(TrainingRunKind.Training);
        foreach (var field in body.EnumerateObject())
        {
            switch (field.Name)
            {
                case "kind" when field.Value.ValueKind == JsonValueKind.String
                    && field.Value.GetString() is TrainingRunKind.Training or TrainingRunKind.Threshold:
                    order = order with { Kind = field.Value.GetString()! };
                    break;
                case "kind" when field.Value.ValueKind == JsonValueKind.Null:
                case "target_precision" when field.Value.ValueKind == JsonValueKind.Null:
                    break;
                case "kind":
                    return (
                        null,
                        $"kind must be \"training\" or \"threshold\", not {field.Value.GetRawText()}; to activate a model that is there: "
                        + "POST /models/ID/activate.");
                case "target_precision" when field.Value.ValueKind == JsonValueKind.Number:
                    order = order with { TargetPrecision = field.Value.GetDouble() };
                    break;
                case "target_precision":
                    return (null, $"target_precision must be a number between 0 and 1, not {field.Value.GetRawText()}.");
                default:
                    return (null, $"There is no field {field.Name}; {Fields}.");
            }
        }

        return (order, null);
    }
}
