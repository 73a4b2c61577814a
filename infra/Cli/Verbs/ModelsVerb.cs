using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Groups;
using CpfPipeline.Cli.Local;
using CpfPipeline.Cli.Trainings;
using Spectre.Console;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ModelsVerb : IVerb
{
    private static readonly Option Format = new("--format", "table (default) or json", Value: "FORMAT");

    public string Name => "models";

    public string Summary => "list the models there were, with threshold, quality and state";

    public string Usage => "[--format table|json]";

    public IReadOnlyList<Option> Options => [Format];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var format = arguments.Value(Format) ?? "table";
        if (format is not ("table" or "json"))
        {
            throw CommandException.Usage($"--format takes table or json, not '{format}'");
        }

        using var client = TrainingSession.ClientOf(Installation.Load());
        if (format == "json")
        {
            Console.WriteLine(await client.ReadModelsJsonAsync(cancellationToken));
        }
        else
        {
            Write(await client.ReadModelsAsync(cancellationToken));
        }

        return ExitCode.Done;
    }

    private static void Write(IReadOnlyList<ListedModel> models)
    {
        var table = new Table().RoundedBorder()
            .AddColumns([.. new[] { "model", "state", "made by", "threshold", "F1 on test classes", "OPIS", "made", "active since", "" }.Select(name => new TableColumn(name).NoWrap())]);
        foreach (var model in models)
        {
            var state = model.State == "active" ? "[green]active[/]" : Markup.Escape(model.State) + (model.State == "retired" && model.IsReady ? " (ready)" : "");
            table.AddRow(
                Cell($"{model.ModelId}"), new Markup(state), Cell($"{model.Kind}"), Cell($"{model.Threshold:0.0000}"),
                Cell(model.F1 is null ? $"" : model.F1Low is null ? (FormattableString)$"{model.F1:0.000}" : $"{model.F1:0.000} ({model.F1Low:0.000} to {model.F1High:0.000})"),
                Cell($"{model.Opis:0.0000}"), Cell($"{model.CreatedAt.UtcDateTime:yyyy-MM-dd HH:mm}Z"),
                Cell(model.State == "active" ? (FormattableString)$"{model.ActivatedAt?.UtcDateTime:yyyy-MM-dd HH:mm}Z" : $""), new Text(model.Reason ?? ""));
        }

        TableWidth.WidenWhenRedirected();
        AnsiConsole.Write(table);

        static Text Cell(FormattableString text) => new(text.ToString(CultureInfo.InvariantCulture));
    }
}
