using System.Text.Json;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>Reads a submission from JSON of foreign producers: camelCase, snake_case or PascalCase names, unknown fields ignored.</summary>
internal static class SubmissionJson
{
    /// <summary>Reads the known fields. A malformed one is described in <see cref="Submission.Problem"/>. Never throws.</summary>
    public static Submission Read(JsonElement json)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            return new Submission { Problem = "Not a JSON object.", IsUnreadable = true };
        }

        var (submission, problem) = (new Submission(), default(string));
        foreach (var property in json.EnumerateObject())
        {
            if (NameOf(property) is not { } name)
            {
                problem = "A field's name is not valid Unicode.";
                continue;
            }

            var value = property.Value;
            switch (Canonical(name))
            {
                case "source":
                    submission = submission with { Source = Text(value, name, ref problem) };
                    break;
                case "externalid":
                    submission = submission with { ExternalId = Text(value, name, ref problem) };
                    break;
                case "uri":
                    submission = submission with { Uri = Text(value, name, ref problem) };
                    break;
                case "productkey":
                    submission = submission with { ProductKey = Text(value, name, ref problem) };
                    break;
                case "keyscope":
                    submission = submission with { KeyScope = Text(value, name, ref problem) };
                    break;
                case "revision":
                    submission = ReadRevision(submission, value);
                    break;
            }
        }

        return submission with { Problem = problem };
    }

    /// <summary>A field's name without underscores and case.</summary>
    public static string Canonical(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null; // Invalid UTF-8, or an unpaired surrogate escape.
        }
    }

    private static string? Text(JsonElement value, string name, ref string? problem)
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
                    problem = $"The field {name} is not valid Unicode.";
                    return null;
                }

            default:
                problem = $"The field {name} must be a string.";
                return null;
        }
    }

    // Null and an empty text are no revision. Anything else that is no integer is a malformed one.
    private static Submission ReadRevision(Submission submission, JsonElement value)
    {
        string? ignored = null;
        var text = value.ValueKind is JsonValueKind.Null or JsonValueKind.String or JsonValueKind.Number
            ? Text(value, "revision", ref ignored)
            : "malformed";
        if (ignored is null && string.IsNullOrWhiteSpace(text))
        {
            return submission with { Revision = null, HasMalformedRevision = false };
        }

        var revision = text is null ? null : RevisionText.Parse(text);
        return submission with { Revision = revision, HasMalformedRevision = revision is null };
    }
}
