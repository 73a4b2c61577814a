using System.Globalization;
using System.Text;

namespace CpfPipeline.Cli.Listings;

/// <summary>Says why two images are, or are not, in one group.</summary>
internal static class WhyText
{
    /// <param name="steps">Row 0, and the links.</param>
    public static string Of(IReadOnlyList<WhyStep> steps)
    {
        var pair = steps[0];
        var text = new StringBuilder();
        Line($"{pair.A} and {pair.B}: {(pair.SameGroup ? "in one group" : "not in one group")} ({pair.Reason})");
        Line($"{pair.Explanation}");
        Line($"similarity  {pair.Similarity?.ToString("0.000000", CultureInfo.InvariantCulture) ?? "none: not both have an embedding"}");
        Line($"threshold   {pair.Threshold:0.000000}{Reached(pair)}");
        Line($"verdict     {pair.Verdict ?? "none"}");
        Line($"groups      {Group(pair.GroupA)}{(pair.SameGroup ? "" : $" and {Group(pair.GroupB)}")}");
        foreach (var link in steps.Skip(1))
        {
            Line($"link {link.Step}      {link.A} - {link.B}: {link.Explanation}");
        }

        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(Shown(line.ToString(CultureInfo.InvariantCulture)));
    }

    // Names are a stranger's text: a control character in one would command the terminal.
    private static string Shown(string line) => string.Concat(line.Select(c => char.IsControl(c) ? '\uFFFD' : c));

    private static string Reached(WhyStep pair) =>
        pair.Similarity is { } similarity ? similarity >= pair.Threshold ? ", reached" : ", not reached" : "";

    private static string Group(long? id) => id?.ToString(CultureInfo.InvariantCulture) ?? "none";
}
