using System.Globalization;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Installations;
using Spectre.Console;

namespace CpfPipeline.Cli.Demo;

/// <summary>What the demonstration prints at its end.</summary>
internal sealed class DemoReport(IReadOnlyList<DemoImage> images, SubmitOutcome outcome, EmojiNames names, IAnsiConsole console)
{
    private const int Largest = 10;
    private const int ShownNames = 4;

    /// <summary>Quality on products that no model was trained on.</summary>
    public static PairwiseScore OfUnseen(IReadOnlyList<DemoImage> images) => PairwiseScore.Of(Grouped(images), UnseenProducts.Contain);

    public void Write(Installation installation, DemoComparison comparison)
    {
        WriteCounts();
        WriteQuality();
        comparison.Write(installation);
        var groups = images
            .Where(i => i.Group is not null)
            .GroupBy(i => i.Group!.Value)
            .Where(g => g.Count() >= 2)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key)
            .Select(g => g.ToList())
            .ToList();
        WriteLargest(groups);
        WriteNext(installation, groups.FirstOrDefault()?[0] ?? images.FirstOrDefault());
    }

    private void WriteCounts()
    {
        var copies = images.Count(i => i.Source == DemoSellers.Reseller);
        var groups = images.Where(i => i.Group is not null).GroupBy(i => i.Group!.Value).Count(g => g.Count() >= 2);
        var stored = outcome.Feeds.Sum(f => f.Counts.Stored);
        var seconds = outcome.Elapsed.TotalSeconds;
        console.WriteLine();
        Line("images", $"{Number(images.Count)} from {images.Select(i => i.Source).Distinct().Count()} sellers; {Number(copies)} are "
            + "edited copies of the others'");
        Line("contents", $"{Number(images.Select(i => i.Content).Distinct().Count())} distinct");
        Line("groups", $"{Number(groups)} of two images or more");
        Line("speed", stored > 0
            ? string.Create(CultureInfo.InvariantCulture,
                $"{stored / seconds:0} images per second: {stored:N0} in {seconds:0.0} s, from the first feed to the exact groups")
            : string.Create(
                CultureInfo.InvariantCulture, $"nothing changed since the last run: all rows known, checked in {seconds:0.0} s"));
        var rejected = outcome.Feeds.Sum(f => f.Counts.Rejected);
        if (rejected > 0)
        {
            Line("rejected", Number(rejected));
            foreach (var (feed, reason) in outcome.Feeds.SelectMany(f => f.Rejections.Select(r => (f.Feed, r))))
            {
                Text($"  {feed.Source}: {reason.Reason} {Number(reason.Count)}: {string.Join(", ", reason.First)}");
            }
        }
    }

    private void WriteQuality()
    {
        var (score, unseen) = (PairwiseScore.Of(Grouped(images)), OfUnseen(images));
        var pairs = (long)images.Count * (images.Count - 1) / 2;
        var table = new Table()
            .RoundedBorder().AddColumns("pairs", "there are", "in one group", "wrongly together", "precision", "recall", "F1");
        table.Title = new TableTitle($"Quality of the groups over all {Number(pairs)} pairs of images");
        foreach (var (name, row) in new[] { ("copies", score.Copies), ("keys", score.Keys), ("both", score.Both),
            ("never seen: copies", unseen.Copies), ("never seen: keys", unseen.Keys) })
        {
            table.AddRow(
                name, Number(row.Wanted), Number(row.Found), Number(row.Wrong), Share(row.Precision), Share(row.Recall), Share(row.F1));
        }

        console.WriteLine();
        console.Write(table);
        Text("copies: a picture and its edited copies.  keys: one product as different vendors draw it, copies apart.");
        Text("Wrongly together: different products in one group (flags, faces and the like). Both kinds are judged against these pairs.");
        Text("Never seen: a tenth of the products, which neither model has seen in training or calibration. Wrong pairs are those with");
        Text("one of them. Expect these figures, not the ones above, for products that are new to a model.");
    }

    private static List<GroupedImage> Grouped(IReadOnlyList<DemoImage> images) =>
        [.. images.Select(i => new GroupedImage(i.Group, i.ProductKey, DemoSellers.OriginalOf(i.Source, i.ExternalId)))];

    private void WriteLargest(List<List<DemoImage>> groups)
    {
        var table = new Table().RoundedBorder().AddColumns(new TableColumn("group_id")
            .NoWrap(), new TableColumn("images").NoWrap(), new TableColumn("sellers"), new TableColumn("products"));
        table.Title = new TableTitle($"The {Math.Min(Largest, groups.Count)} largest groups");
        foreach (var group in groups.Take(Largest))
        {
            var products = group.GroupBy(i => i.ProductKey)
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
            var shown = string.Join(", ", products.Take(ShownNames).Select(p => $"{names.Of(p.Key)} x{p.Count()}"));
            table.AddRow(
                new Text(group[0].Group!.Value.ToString(CultureInfo.InvariantCulture)),
                new Text(Number(group.Count)),
                new Text(string.Join(' ', group.Select(i => i.Source).Distinct())),
                new Text(products.Count > ShownNames ? $"{shown} and {products.Count - ShownNames} more" : shown));
        }

        console.WriteLine();
        console.Write(table);
    }

    private void WriteNext(Installation installation, DemoImage? example)
    {
        console.WriteLine();
        Text("Where to look next (the services stay up; infra/cpf down stops them):");
        Line("  look", "infra/cpf open    shows the groups with their pictures in a browser; there /review and /models");
        Line("", "It also signs the browser in for the addresses below.");
        Line("  groups", "infra/cpf groups    infra/cpf groups --format json    infra/cpf groups --source reseller");
        if (installation.ReaderUri is { } uri)
        {
            Line("  SQL", $"psql {uri}"
                + " -c 'select * from cpf.match_groups order by images desc limit 10'");
        }

        if (example is not null)
        {
            var (source, id) = (Uri.EscapeDataString(example.Source), Uri.EscapeDataString(example.ExternalId));
            Line("  one group", $"{installation.Url("Matcher")}groups?source={source}&external_id={id}");
            Line("  one image", $"{installation.Url("Ingest")}images/{source}/{id}");
        }

        Line("  changes", $"{installation.Url("Matcher")}changes?after=0");
        Line("  HTTP API", $"{installation.Url("Ingest")}openapi/v1.json");
        Line("  models", "infra/cpf models    infra/cpf rollback    infra/cpf train --nightly --wait");
        Line("  own images", "infra/cpf submit FOLDER --source NAME");
        Line("  all else", "README.md");
    }

    private void Line(string name, string value) => Text($"{name,-12} {value}");

    // The console itself would break long lines and the URLs in them.
    private void Text(string line) => console.Profile.Out.Writer.WriteLine(line);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Share(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-";
}
