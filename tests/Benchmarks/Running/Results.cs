using System.Globalization;
using System.Text;
using System.Text.Json;

namespace CpfPipeline.Tests.Benchmarks.Running;

/// <summary>A report with what it was measured on, as JSON and Markdown in <c>tests/Benchmarks/results</c>.</summary>
internal sealed record Results(string Bench, DateTimeOffset At, Machine Machine, BenchReport Report)
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    public void Write(string checkout)
    {
        var folder = Path.Combine(checkout, "tests", "Benchmarks", "results");
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, $"{Bench}.json"), ToJson() + "\n");
        File.WriteAllText(Path.Combine(folder, $"{Bench}.md"), ToMarkdown());
    }

    /// <summary>A figure's number, with its spread when there is one.</summary>
    public static string Number(Figure figure) => figure is { Least: { } least, Most: { } most } && least != most
        ? $"{Number(figure.Value)} ({Number(least)} - {Number(most)})"
        : Number(figure.Value);

    private static string Number(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "#,0", >= 100 => "0", >= 10 => "0.0", >= 1 => "0.00", _ => "0.000" },
        CultureInfo.InvariantCulture);

    private string ToMarkdown()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {Bench}\n\n{Report.Data}\n\n");
        text.Append("| figure | median (least - most) | unit | goal | |\n|---|---|---|---|---|\n");
        foreach (var figure in Report.Figures)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"| {figure.Name} | {Number(figure)} | {figure.Unit} | {figure.Goal} | {Verdict(figure)} |\n");
        }

        text.Append('\n');
        foreach (var note in Report.Notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {note}\n");
        }

        text.Append(CultureInfo.InvariantCulture,
            $"- Machine: {Machine.Cpu}, {Machine.Cores} cores, {Machine.MemoryGb} GB, {Machine.Os}, {Machine.Runtime}; load before "
                + $"{Machine.LoadBefore}.\n");
        text.Append(
            CultureInfo.InvariantCulture, $"- Commit {Machine.Commit}, {At:yyyy-MM-dd HH:mm} UTC. Again with `infra/cpf bench {Bench}`.\n");
        return text.ToString();
    }

    /// <summary>Whether a goal was reached, in a word.</summary>
    public static string Verdict(Figure figure) => figure.Met switch { true => "reached", false => "missed", null => "" };
}
