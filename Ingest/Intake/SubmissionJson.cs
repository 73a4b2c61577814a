using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Ingest;

/// <summary>Reads a submission from JSON of foreign producers: camelCase, snake_case or PascalCase names, unknown fields ignored.</summary>
internal static class SubmissionJson
{
    /// <summary>The fields there are; what is malformed is told in <see cref="Submission.Problem"/>. Never throws.</summary>
    public static Submission Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return new Submission { Problem = "Not a JSON object." };
        }

        var submission = new Submission();
        foreach (var property in json.EnumerateObject())
        {
            var (value, name) = (property.Value, property.Name);
            submission = Canonical(name) switch
            {
                "source" => submission with { Source = Text(value, name, ref submission) },
                "externalid" => submission with { ExternalId = Text(value, name, ref submission) },
                "uri" or "url" => submission with { Uri = Text(value, name, ref submission) },
                "productkey" => submission with { ProductKey = Text(value, name, ref submission) },
                "keyscope" => submission with { KeyScope = Text(value, name, ref submission) },
                "revision" => submission with { Revision = Integer(value, name, ref submission) },
                _ => submission,
            };
        }

        return submission;
    }

    /// <summary>A field's name without underscores and case.</summary>
    public static string Canonical(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string? Text(JsonElement value, string name, ref Submission submission)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Number:
                return value.GetRawText(); // Ids are often numbers.
            case JsonValueKind.String:
                try
                {
                    return value.GetString();
                }
                catch (InvalidOperationException)
                {
                    // An unpaired surrogate escape.
                    submission = submission with { Problem = $"The field {name} is not valid Unicode." };
                    return null;
                }

            default:
                submission = submission with { Problem = $"The field {name} must be a string." };
                return null;
        }
    }

    private static long? Integer(JsonElement value, string name, ref Submission submission)
    {
        if (value.ValueKind == JsonValueKind.Null)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number))
        {
            return number;
        }

        if (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetRawText().Trim('"'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
        {
            return number;
        }

        submission = submission with { Problem = $"The field {name} must be a 64-bit integer." };
        return null;
    }
}
