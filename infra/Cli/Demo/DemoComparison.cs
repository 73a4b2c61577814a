using System.Globalization;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Trainings;
using CpfPipeline.Vocabulary;
using Spectre.Console;

namespace CpfPipeline.Cli.Demo;

/// <summary>What the training of the demonstration changed, on products that neither model was trained on.</summary>
internal sealed class DemoComparison(RunAnswer run, PairwiseScore before, PairwiseScore after, IAnsiConsole console)
{
    public void Write(Installation installation)
    {
        var table = new Table()
            .RoundedBorder().AddColumns("never seen", "precision before", "after", "recall before", "after", "F1 before", "after");
        table.Title = new TableTitle($"Before and after training on the keys of the feeds: {Ended()}");
        foreach (var (name, was, now) in new[] { ("copies", before.Copies, after.Copies), ("keys", before.Keys, after.Keys),
            ("both", before.Both, after.Both) })
        {
            table.AddRow(
                name, Share(was.Precision), Share(now.Precision), Share(was.Recall), Share(now.Recall), Share(was.F1), Share(now.F1));
        }

        console.WriteLine();
        console.Write(table);
        Text("Over the products of the test split: neither the default model nor the new one was trained or calibrated on them.");
        if (run.Message is { } message)
        {
            Text($"{"the run",-12} {message}");
        }

        if (run.ReportUrl is { } report)
        {
            Text($"{"report",-12} {new Uri(installation.Url("Trainer"), report)}");
        }
    }

    private string Ended() => run.State switch
    {
        TrainingRunState.Finished => "the new model is active",
        TrainingRunState.Refused => "the new model was refused, the default one stays",
        _ => run.State.Replace('_', ' '),
    };

    private void Text(string line) => console.Profile.Out.Writer.WriteLine(line);

    private static string Share(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
}
