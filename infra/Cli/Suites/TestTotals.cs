using System.Globalization;
using System.Text.Json;

namespace CpfPipeline.Cli.Suites;

/// <summary>How many tests of a run passed, failed and were skipped.</summary>
internal sealed record TestTotals(int Passed, int Failed, int Skipped)
{
    public static TestTotals operator +(TestTotals left, TestTotals right) =>
        new(left.Passed + right.Passed, left.Failed + right.Failed, left.Skipped + right.Skipped);

    /// <summary>Reads the summary of a report in the Common Test Report Format; null when it is none.</summary>
    public static TestTotals? ParseCtrf(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var summary = document.RootElement.GetProperty("results").GetProperty("summary");
            return new(
                summary.GetProperty("passed").GetInt32(),
                summary.GetProperty("failed").GetInt32() + summary.GetProperty("other").GetInt32(),
                summary.GetProperty("skipped").GetInt32() + summary.GetProperty("pending").GetInt32());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The line a test run ends with.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Passed} passed, {Failed} failed{(Skipped > 0 ? $", {Skipped} skipped" : "")}");
}
