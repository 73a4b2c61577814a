using System.Text.RegularExpressions;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>A Dockerfile's instructions, in order, with continued lines joined and comments left out.</summary>
internal sealed partial class Dockerfile(string text)
{
    /// <summary>The one of the repository.</summary>
    public static Dockerfile OfServices { get; } = new(File.ReadAllText(Checkout.At("infra/container/Dockerfile")));

    /// <summary>Word and rest of each instruction.</summary>
    public IReadOnlyList<(string Word, string Text)> Instructions { get; } =
        [.. Continued().Replace(Comment().Replace(text, ""), " ")
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(line => line.Split(' ', 2)).Select(p => (p[0].ToUpperInvariant(), p.Length > 1 ? p[1].Trim() : ""))];

    /// <summary>Arguments with their defaults.</summary>
    public IReadOnlyDictionary<string, string> Arguments => Of("ARG").Select(a => a.Split('=', 2))
        .GroupBy(a => a[0]).ToDictionary(g => g.Key, g => g.First() is [_, var value] ? value : "");

    /// <summary>The rest of each instruction of a word.</summary>
    public IEnumerable<string> Of(string word) => Instructions.Where(i => i.Word == word).Select(i => i.Text);

    /// <summary>Instructions of each stage, those of the stages below it first.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<(string Word, string Text)>> Stages
    {
        get
        {
            var stages = new Dictionary<string, IReadOnlyList<(string Word, string Text)>>();
            List<(string, string)>? current = null;
            foreach (var (word, rest) in Instructions)
            {
                if (word == "FROM" && rest.Split(' ') is [var below, _, var name])
                {
                    stages[name] = current = [.. stages.GetValueOrDefault(below) ?? [], (word, rest)];
                }
                else
                {
                    current?.Add((word, rest));
                }
            }

            return stages;
        }
    }

    /// <summary>What it breaks of the rules that we promise.</summary>
    public IEnumerable<string> Faults()
    {
        var arguments = Arguments;
        foreach (var from in Of("FROM"))
        {
            var image = Argument().Replace(from.Split(' ')[0], m => arguments.GetValueOrDefault(m.Groups[1].Value, ""));
            if (!Stages.ContainsKey(image) && !Pinned().IsMatch(image))
            {
                yield return $"not pinned by a version: {image}";
            }
        }

        foreach (var _ in Of("ADD"))
        {
            yield return "ADD fetches and unpacks: COPY does neither";
        }

        foreach (var secret in Of("ENV").SelectMany(e => Assigned().Matches(e).Select(m => m.Groups[1].Value))
            .Concat(arguments.Keys).Where(n => SecretName().IsMatch(n)))
        {
            yield return $"a secret in the image: {secret}";
        }

        foreach (var (name, instructions) in Stages.Where(s => s.Value.Any(i => i.Word == "ENTRYPOINT")))
        {
            if (!instructions.Any(i => i.Word == "USER") || !NotRoot().IsMatch(instructions.Last(i => i.Word == "USER").Text))
            {
                yield return $"{name} runs as root, or as a user without a number";
            }

            if (instructions.Any(i => i.Word == "RUN"))
            {
                yield return $"{name} runs a command, for which its base needs a shell";
            }

            if (instructions.Any(i => i.Word is "ENTRYPOINT" or "CMD" && !i.Text.StartsWith('['))
                || instructions.Any(i =>
                    i.Word == "HEALTHCHECK" && i.Text != "NONE" && !i.Text.Contains("CMD [", StringComparison.Ordinal)))
            {
                yield return $"{name} starts through a shell";
            }

            if (!instructions.Any(i => i.Word == "HEALTHCHECK"))
            {
                yield return $"{name} has no health check";
            }
        }
    }

    [GeneratedRegex(@"^\s*#.*\n", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\\\n\s*")]
    private static partial Regex Continued();

    [GeneratedRegex(@"\$\{(\w+)\}")]
    private static partial Regex Argument();

    [GeneratedRegex(@"^[\w./-]+:\d+\.\d[\w.-]*(?:@sha256:[0-9a-f]{64})?$")]
    private static partial Regex Pinned();

    [GeneratedRegex(@"(\w+)=")]
    private static partial Regex Assigned();

    [GeneratedRegex("(?i)password|secret(?!s__folder)|token|credential|connectionstrings|apikey")]
    private static partial Regex SecretName();

    [GeneratedRegex("^[1-9][0-9]*:[1-9][0-9]*$")]
    private static partial Regex NotRoot();
}
