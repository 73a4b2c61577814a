using System.Globalization;
using CpfPipeline.Learning.Evaluation;
using Spectre.Console;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Figures of a model for a person.</summary>
internal static class FiguresTable
{
    public static void Write(TextWriter output, EvaluationFigures figures, string split, int refused, double seconds)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        var table = new Table().Border(TableBorder.Rounded).AddColumn("figure").AddColumn(new TableColumn("value").RightAligned()).AddColumn("meaning");
        foreach (var (name, value, meaning) in Rows(figures))
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value), Markup.Escape(meaning));
        }

        console.WriteLine(Text($"split {split}: {figures.Images} pictures of {figures.Classes} classes, {figures.Distractors} distractors, {refused} refused"));
        console.Write(table);
        console.WriteLine(Text($"{seconds:0.0} s"));
    }

    private static IEnumerable<(string Name, string Value, string Meaning)> Rows(EvaluationFigures f)
    {
        yield return ("Recall@1", Text($"{f.RecallAt1:0.000}"), "nearest picture has the query's class");
        yield return ("MAP@R", Text($"{f.MapAtR:0.000}"), "how well the nearest R hold the class");
        yield return ("threshold", Text($"{f.Threshold:0.0000}"), "pairs at or above it match");
        yield return ("precision", Text($"{f.Precision:0.000}"), "of matching pairs, those of one class");
        yield return ("recall", Text($"{f.Recall:0.000}"), "of pairs of one class, those that match");
        yield return ("F1", Text($"{f.F1:0.000}"), Text($"95 % interval {f.F1Interval[0]:0.000} to {f.F1Interval[1]:0.000}"));
        yield return ("best F1", Text($"{f.BestF1:0.000}"), Text($"with the threshold {f.BestThreshold:0.0000}"));
        yield return ("F1 plateau", Text($"{f.F1PlateauWidth:0.000}"), "width of thresholds with 95 % of it");
        yield return ("B-cubed F1", Text($"{f.BcubedF1:0.000}"), "of the match groups");
        yield return ("OPIS", Text($"{f.Opis:0.0000}"), "spread of classes at one threshold");
        yield return ("pairs a picture", Text($"{f.PairsPerImage:0.00}"), "that match");
        yield return ("largest component", Text($"{f.LargestComponent}"), "pictures linked together");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
