using System.Globalization;
using CpfPipeline.Cli.Display;
using Spectre.Console;

namespace CpfPipeline.Cli.Groups;

/// <summary>Prints the largest groups as a table.</summary>
internal static class GroupTable
{
    private const int MaxShownMembers = 6;

    public static void Write(LargestGroups groups)
    {
        var table = new ListTable("group_id", "images", "contents", "sources", "keys", "members");
        foreach (var group in groups.Largest)
        {
            var members = string.Join('\n', group.Take(MaxShownMembers).Select(m => $"{m.Source}/{m.ExternalId}"))
                + (group.Count > MaxShownMembers ? $"\nand {group.Count - MaxShownMembers} more" : "");
            table.Add(
                Cell(group[0].GroupId),
                Cell(group.Count),
                Cell(group.Select(m => m.Sha256).Distinct().Count()),
                Cell(group.Select(m => m.Source).Distinct().Count()),
                Cell(group.Select(m => m.ProductKey).OfType<string>().Distinct().Count()),
                new Text(members));
        }

        table.Write();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{groups.Groups:N0} groups with {groups.Images:N0} images")
            + (groups.Groups > groups.Largest.Count
                ? $"; the {groups.Largest.Count} largest are shown, --format json or csv prints all" : ""));

        static Text Cell(long value) => ListTable.Cell($"{value}");
    }
}
