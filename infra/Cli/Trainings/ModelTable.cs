using CpfPipeline.Cli.Display;
using CpfPipeline.Vocabulary;
using Spectre.Console;
using static CpfPipeline.Cli.Display.ListTable;

namespace CpfPipeline.Cli.Trainings;

/// <summary>Prints models as a table.</summary>
internal static class ModelTable
{
    public static void Write(IReadOnlyList<ModelAnswer> models)
    {
        var table = new ListTable("model", "state", "made by", "threshold", "F1 on test classes", "OPIS", "made", "active since", "");
        foreach (var model in models)
        {
            var state = model.State == ModelState.Active
                ? "[green]active[/]" : Markup.Escape(model.State) + (model.State == ModelState.Retired && model.IsReady ? " (ready)" : "");
            table.Add(
                Cell($"{model.ModelId}"), new Markup(state), Cell($"{model.Kind}"), Cell($"{model.Threshold:0.0000}"),
                Cell(model.F1 is null ? $"" : model.F1Low is null
                    ? (FormattableString)$"{model.F1:0.000}" : $"{model.F1:0.000} ({model.F1Low:0.000} to {model.F1High:0.000})"),
                Cell($"{model.Opis:0.0000}"), Cell($"{model.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z"),
                Cell(model.State == ModelState.Active ? (FormattableString)$"{model.ActivatedAt?.UtcDateTime:yyyy-MM-dd HH:mm}Z" : $""),
                new Text(model.Reason ?? ""));
        }

        table.Write();
    }
}
