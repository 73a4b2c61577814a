using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Cli.Suites;

/// <summary>How many tests of a run passed, failed and were skipped, and what the failed ones said.</summary>
internal sealed record TestTotals(int Passed, int Failed, int Skipped)
{
    private const int MaxMessageCharacters = 400;

    /// <summary>Name and message of each failed test, one line each, for the end of a long output.</summary>
    public IReadOnlyList<string> Failures { get; init; } = [];

    public static TestTotals operator +(TestTotals left, TestTotals right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped)
        {
            Failures = [.. left.Failures, .. right.Failures],
        };

    /// <summary>Reads the summary of a report in the Common Test Report Format; null when it is none.</summary>
    public static TestTotals? ParseCtrf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var results = document.RootElement.GetProperty("results");
            var summary = results.GetProperty("summary");
            return new(
                summary.GetProperty("passed").GetInt32(),
                summary.GetProperty("failed").GetInt32() + summary.GetProperty("other").GetInt32(),
                summary.GetProperty("skipped").GetInt32() + summary.GetProperty("pending").GetInt32())
            {
                Failures = results.TryGetProperty("tests", out var tests) ? [.. tests.EnumerateArray().Where(Failing).Select(Line)] : [],
            };
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The line a test run ends with.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed{(Skipped > 0 ? $", {Skipped} skipped" : "")}");

    private static bool Failing(JsonElement test) => test.GetProperty("status").GetString() is "failed" or "other";

    private static string Line(JsonElement test)
    {
        var message = test.TryGetProperty("message", out var said) ? said.GetString() ?? "" : "";
        var words = string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        var shown = words.Length > MaxMessageCharacters ? words[..MaxMessageCharacters] + "..." : words;
        return $"{test.GetProperty("name").GetString()}: {shown}";
    }
}
