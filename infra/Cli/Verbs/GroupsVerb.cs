using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Groups;
using CpfPipeline.Cli.Local;
using CpfPipeline.Data.Schema;
using Spectre.Console;

namespace CpfPipeline.Cli.Verbs;

internal sealed class GroupsVerb : IVerb
{
    private const int TableLimit = 20;
    private const int ShownMembers = 6;
    private static readonly Option Format = new("--format", "table (default; the largest groups), json or csv (all groups)", Value: "FORMAT");
    private static readonly Option Source = new("--source", "only groups that hold an image of this source", Value: "S");

    public string Name => "groups";

    public string Summary => "print the match groups of two images or more";

    public string Usage => "[--format table|json|csv] [--source S]";

    public IReadOnlyList<Option> Options => [Format, Source];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var format = arguments.Value(Format) ?? "table";
        if (format is not ("table" or "json" or "csv"))
        {
            throw CommandException.Usage($"--format takes table, json or csv, not '{format}'");
        }

        await using var dataSource = PostgresDataSource.Create(Installation.Load().PostgresService, "cpf");
        var reader = new GroupReader(dataSource);
        var source = arguments.Value(Source);
        if (format == "table")
        {
            Write(await reader.ReadLargestAsync(source, TableLimit, cancellationToken));
            return ExitCode.Done;
        }

        await using var output = Console.OpenStandardOutput();
        await (format == "json"
            ? GroupPrinter.WriteJsonAsync(reader.ReadAsync(source, cancellationToken), output, indented: !Console.IsOutputRedirected, cancellationToken)
            : GroupPrinter.WriteCsvAsync(reader.ReadAsync(source, cancellationToken), output, cancellationToken));
        return ExitCode.Done;
    }

    private static void Write(LargestGroups groups)
    {
        var table = new Table().RoundedBorder()
            .AddColumns([.. new[] { "group_id", "images", "contents", "sources", "keys", "members" }.Select(name => new TableColumn(name).NoWrap())]);
        foreach (var group in groups.Largest)
        {
            var members = string.Join('\n', group.Take(ShownMembers).Select(m => $"{m.Source}/{m.ExternalId}"))
                + (group.Count > ShownMembers ? $"\nand {group.Count - ShownMembers} more" : "");
            table.AddRow(
                Cell(group[0].GroupId),
                Cell(group.Count),
                Cell(group.Select(m => m.Sha256).Distinct().Count()),
                Cell(group.Select(m => m.Source).Distinct().Count()),
                Cell(group.Select(m => m.ProductKey).OfType<string>().Distinct().Count()),
                new Text(members));
        }

        TableWidth.WidenWhenRedirected();
        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{groups.Groups:N0} groups with {groups.Images:N0} images")
            + (groups.Groups > groups.Largest.Count ? $"; the {groups.Largest.Count} largest are shown, --format json or csv prints all" : ""));

        static Text Cell(long value) => new(value.ToString(CultureInfo.InvariantCulture));
    }
}
