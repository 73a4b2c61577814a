using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>A page of the repository, read as far as the tests need it.</summary>
/// <param name="text">Markdown.</param>
/// <param name="path">Relative to the checkout's root.</param>
internal sealed partial class MarkdownPage(string text, string path)
{
    /// <summary>Every page of the checkout. Results of benchmarks are written by a program and left out.</summary>
    public static IReadOnlyList<string> Paths { get; } =
        [.. Checkout.Files("", "*.md").Where(p => !p.StartsWith("tests/Benchmarks/results/", StringComparison.Ordinal))];

    public string Text { get; } = text;

    public string Path { get; } = path;

    /// <summary>Where the page's links point, without those into the web.</summary>
    public IEnumerable<string> Links =>
        Link().Matches(Prose).Select(m => m.Groups[1].Value).Where(l => !l.Contains("://", StringComparison.Ordinal));

    /// <summary>What <c>#...</c> may name on this page.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(Prose).Select(m => AnchorOf(m.Groups[1].Value));

    /// <summary>Words in backticks within a line.</summary>
    public IEnumerable<string> InlineCode =>
        Code().Matches(Prose).Select(m => m.Groups[1].Value.Replace("\\|", "|", StringComparison.Ordinal));

    /// <summary>First cells of the tables whose first column has one of these headings.</summary>
    public IEnumerable<string> FirstCells(string heading) =>
        Table().Matches(Prose).Where(t => t.Groups["head"].Value.StartsWith(heading, StringComparison.Ordinal))
            .SelectMany(t => t.Groups["row"].Captures.Select(r => r.Value));

    /// <summary>Blocks of code in a language; those without one when it is empty. Lines that a backslash continues are joined.</summary>
    public IEnumerable<string> Blocks(string language) =>
        Fence().Matches(Text).Where(m => m.Groups["language"].Value == language)
            .Select(m => Continued().Replace(m.Groups["code"].Value, " "));

    public static MarkdownPage Read(string path) => new(File.ReadAllText(Checkout.At(path)), path);

    private string Prose => Fence().Replace(Text, "");

    // As forges make them: lower case, spaces to dashes, everything else that is neither letter, digit, dash nor underscore goes.
    private static string AnchorOf(string heading) => NotInAnchor().Replace(heading.Trim().ToLowerInvariant().Replace(' ', '-'), "");

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<code>(?:(?!```).*\n)*)```$", RegexOptions.Multiline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^\| *(?<head>[^|]*?) *\|.*\n\|[-| ]+\|\n(?:\| *(?<row>(?:\\\||[^|])*?) *\|.*(?:\n|\z))+", RegexOptions.Multiline)]
    private static partial Regex Table();

    [GeneratedRegex(@" *\\\n *")]
    private static partial Regex Continued();

    [GeneratedRegex("[^a-z0-9_-]")]
    private static partial Regex NotInAnchor();
}
