using System.Text.RegularExpressions;
using CpfPipeline.Cli.Verbs;
using CpfPipeline.CommandLine;
using CpfPipeline.Trainer.Offline;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>A command that a page shows: what follows <c>infra/cpf</c>.</summary>
internal static partial class CommandLineOfPage
{
    private static readonly string[] OfThePrograms = ["--help", "-h", "--version"];

    private static readonly IReadOnlyList<Verb> Verbs = [.. VerbTable.Program.Verbs, .. OfflineCommand.Program.Verbs];

    /// <summary>Commands of a page: in blocks, in backticks, and in tables of verbs.</summary>
    public static IEnumerable<string> In(MarkdownPage page) =>
        page.Blocks("").Concat(page.Blocks("sh")).SelectMany(b => b.Split('\n')).Concat(page.InlineCode)
            .SelectMany(line => Command().Matches(line).Select(m => m.Groups[1].Value.Trim()))
            .Concat(page.FirstCells("verb")
                .SelectMany(cell => Code().Matches(cell).Select(m => m.Groups[1].Value.Replace("\\|", "|", StringComparison.Ordinal))));

    /// <summary>What is wrong with a command; null when its verb and options exist.</summary>
    public static string? Fault(string command)
    {
        var words = command.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is ["models", ['[', '-', ..], ..])
        {
            words = ["models", "list", .. words.Skip(1)]; // As a table of verbs shows options.
        }

        if (words is [] or ["VERB", ..] || OfThePrograms.Contains(words[0]))
        {
            return null;
        }

        words = [.. VerbTable.Program.WithDefault(words)];

        // Both programs know "train": the options of either will do.
        var length = Verbs.Where(v => v.Path.SequenceEqual(words.Take(v.Path.Count))).Select(v => v.Path.Count).DefaultIfEmpty(0).Max();
        var verbs = Verbs.Where(v => v.Path.SequenceEqual(words.Take(length))).ToList();
        if (length == 0)
        {
            return $"no verb: {command}";
        }

        var known = verbs.SelectMany(v => v.Options).SelectMany(o => o.Names).Concat(OfThePrograms).ToHashSet();
        return Option().Matches(string.Join(' ', words.Skip(length)))
            .Select(m => m.Groups[1].Value).FirstOrDefault(o => !known.Contains(o)) is { } unknown
            ? $"no option {unknown}: {command}"
            : null;
    }

    [GeneratedRegex(@"(?:^|[\s(=])infra/cpf ((?:[^#`;&$>]|(?<=\S)#)*)")]
    private static partial Regex Command();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"(?:^|[\s\[|])(--?[a-z][a-z-]*)")]
    private static partial Regex Option();
}
