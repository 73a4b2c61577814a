using CpfPipeline.Cli.Display;
using Spectre.Console;
using static CpfPipeline.Cli.Display.ListTable;

namespace CpfPipeline.Cli.Listings;

/// <summary>Prints the images nearest to one.</summary>
internal static class SimilarTable
{
    public static void Write(Listing image, IReadOnlyList<SimilarListing> similar)
    {
        if (similar.Count == 0)
        {
            Console.WriteLine($"{image} has no embedding yet, or nothing else is matched");
            return;
        }

        var table = new ListTable("similarity", "matches", "listing", "from");
        foreach (var one in similar)
        {
            table.Add(
                Cell($"{one.Similarity:0.000000}"), new Text(one.Matches ? "yes" : ""), new Text($"{one.Source}/{one.ExternalId}"),
                new Text(one.Uri));
        }

        table.Write();
    }
}
