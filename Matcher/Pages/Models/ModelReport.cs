using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>
/// Reads the report of a model into tables. Nights, the first start and imports write different ones, and later versions may add to them:
/// figures that are known get their names, and everything else is shown by the name that it has. Pure.
/// </summary>
internal static class ModelReport
{
    private const int MaxRows = 60;
    private const int MaxListed = 12;
    private const int MaxCharacters = 300;

    // Long lists that the report's page draws.
    private static readonly HashSet<string> Drawn = ["similarity_histogram", "history"];

    private static readonly (string Key, string Name)[] Figures =
    [
        ("threshold", "Threshold"), ("f1", "F1"), ("f1_interval", "F1, 95 % interval"), ("precision", "Precision"), ("recall", "Recall"),
        ("best_f1", "Best possible F1"), ("best_threshold", "at threshold"), ("bcubed_f1", "B-cubed F1"), ("recall_at_1", "Recall@1"),
        ("map_at_r", "MAP@R"), ("opis", "OPIS"), ("f1_plateau_width", "Width of the F1 plateau"), ("pairs_per_image", "Pairs a picture"),
        ("largest_component", "Largest component"), ("images", "Test pictures"), ("classes", "Test classes"),
        ("distractors", "Distractors"),
    ];

    /// <summary>The tables: figures first, beside those of the model that was active then, where it was measured too.</summary>
    /// <param name="json">The report, a JSON object.</param>
    public static IReadOnlyList<ReportTable> Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        var report = document.RootElement;
        if (report.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var tables = new List<ReportTable>();
        AddFigures(report, tables);
        var rest = new List<IReadOnlyList<string>>();
        foreach (var property in Properties(report))
        {
            switch (property.Value.ValueKind)
            {
                case JsonValueKind.Object:
                    AddObject(Named(property.Name), property.Value, tables);
                    break;
                case JsonValueKind.Array when IsListOfObjects(property.Value):
                    AddList(Named(property.Name), property.Value, tables);
                    break;
                default:
                    rest.Add([Named(property.Name), Text(property.Value)]);
                    break;
            }
        }

        if (rest.Count > 0)
        {
            tables.Add(new ReportTable("How it was made", ["What", "Value"], rest));
        }

        return tables;
    }

    // The first start puts what it measured into an object of its own.
    private static IEnumerable<JsonProperty> Properties(JsonElement report) =>
        report.EnumerateObject().Where(p => !IsFigure(p.Name) && p.Name != "active" && !Drawn.Contains(p.Name)).SelectMany(p =>
            p is { Name: "report", Value.ValueKind: JsonValueKind.Object } ? p.Value.EnumerateObject() : (IEnumerable<JsonProperty>)[p]);

    private static void AddFigures(JsonElement report, List<ReportTable> tables)
    {
        var hasActive = report.TryGetProperty("active", out var active) && active.ValueKind == JsonValueKind.Object;
        var rows = Figures.Where(f => report.TryGetProperty(f.Key, out _)).Select(f => (IReadOnlyList<string>)(hasActive
            ? [f.Name, Text(report.GetProperty(f.Key)), active.TryGetProperty(f.Key, out var value) ? Text(value) : ""]
            : [f.Name, Text(report.GetProperty(f.Key))])).ToList();
        if (rows.Count > 0)
        {
            var other = hasActive && active.TryGetProperty("model_id", out var id) ? $"Model {Text(id)}, active then" : "Active then";
            tables.Add(new ReportTable("Figures", hasActive ? ["Figure", "This model", other] : ["Figure", "This model"], rows));
        }
    }

    private static void AddObject(string title, JsonElement value, List<ReportTable> tables)
    {
        var rows = new List<IReadOnlyList<string>>();
        var later = new List<ReportTable>();
        Add("", value);
        if (rows.Count > 0)
        {
            tables.Add(new ReportTable(title, ["What", "Value"], [.. rows.Take(MaxRows)]));
        }

        tables.AddRange(later);

        void Add(string path, JsonElement part)
        {
            foreach (var property in part.EnumerateObject().Where(p => !Drawn.Contains(p.Name)))
            {
                var name = path.Length == 0 ? Named(property.Name) : $"{path} · {Named(property.Name)}";
                if (property.Value.ValueKind == JsonValueKind.Object)
                {
                    Add(name, property.Value);
                }
                else if (IsListOfObjects(property.Value))
                {
                    AddList($"{title} · {name}", property.Value, later);
                }
                else
                {
                    rows.Add([name, Text(property.Value)]);
                }
            }
        }
    }

    private static void AddList(string title, JsonElement list, List<ReportTable> tables)
    {
        var columns = list.EnumerateArray().SelectMany(o => o.EnumerateObject()).Select(p => p.Name).Distinct().ToList();
        if (columns.Count > 0)
        {
            tables.Add(new ReportTable(title, [.. columns.Select(Named)],
            [
                .. list.EnumerateArray().Take(MaxRows).Select(o => (IReadOnlyList<string>)
                    [.. columns.Select(c => o.TryGetProperty(c, out var value) ? Text(value) : "")]),
            ]));
        }
    }

    private static bool IsFigure(string name) => Array.Exists(Figures, f => f.Key == name);

    private static bool IsListOfObjects(JsonElement value) => value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
        && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Object);

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => Number(value),
        JsonValueKind.True => "yes",
        JsonValueKind.False => "no",
        JsonValueKind.Null => "not measured",
        JsonValueKind.String => Cut(value.GetString()!),
        JsonValueKind.Array => value.GetArrayLength() is var count and > MaxListed
            ? $"{count} values" : string.Join(value.GetArrayLength() == 2 ? " to " : ", ", value.EnumerateArray().Select(Text)),
        _ => $"{value.EnumerateObject().Count()} values",
    };

    private static string Number(JsonElement value) =>
        value.TryGetInt64(out var whole) ? whole.ToString("N0", CultureInfo.InvariantCulture)
        : value.TryGetDouble(out var number) ? number.ToString("0.####", CultureInfo.InvariantCulture)
        : value.GetRawText();

    private static string Cut(string text) => text.Length <= MaxCharacters ? text : text[..MaxCharacters] + "…";

    // snake_case and camelCase, as words.
    private static string Named(string name)
    {
        var words = string.Concat(name.Select(
            (c, i) => c == '_' ? " " : char.IsUpper(c) && i > 0 && char.IsLower(name[i - 1]) ? $" {c}" : $"{c}"));
        return words.Length == 0 ? "(no name)" : char.ToUpperInvariant(words[0]) + words[1..].ToLowerInvariant();
    }
}
