namespace CpfPipeline.CommandLine;

/// <summary>
/// Checks the words after a verb against its model before Spectre.Console.Cli binds them. That library neither suggests options nor names
/// the option whose value is missing or of the wrong kind, and it takes no value that begins with a dash.
/// </summary>
internal static class VerbWords
{
    /// <returns>The same words in the form that the library takes: <c>--name=value</c>.</returns>
    /// <exception cref="UsageException">A word is out of place; names it and what to write instead.</exception>
    public static IReadOnlyList<string> Check(Verb verb, IReadOnlyList<string> words)
    {
        var (checkedWords, positional, given) = (new List<string>(), new List<string>(), new HashSet<VerbOption>());
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                positional.AddRange(words.Skip(i + 1));
                break;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                positional.Add(word);
                continue;
            }

            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=') : -1;
            var name = equals < 0 ? word : word[..equals];
            var option = Find(verb, name) ?? throw Unknown(verb, name);
            given.Add(option);
            if (option.ValueName is null)
            {
                checkedWords.Add(equals < 0 ? option.Name : throw new UsageException($"{name} takes no value"));
                continue;
            }

            var value = equals >= 0 ? word[(equals + 1)..]
                : i + 1 < words.Count && Find(verb, words[i + 1].Split('=')[0]) is null ? words[++i]
                : throw new UsageException($"{name} needs a value: {option.ValueName}");
            ValueRule.Check(name, value, option.Property);
            checkedWords.Add($"{option.Name}={(value.Length == 0 ? LiteralWord.Of(value) : value)}");
        }

        CheckArguments(verb, positional);
        return verb.Options.FirstOrDefault(o => o.IsRequired && !given.Contains(o)) is { } missing
            ? throw new UsageException($"{missing.Name} is needed")
            : [.. positional.Select(LiteralWord.Of), .. checkedWords];
    }

    private static VerbOption? Find(Verb verb, string name) => verb.Options.FirstOrDefault(o => o.Names.Contains(name));

    private static UsageException Unknown(Verb verb, string name) =>
        new($"unknown option {name} of {verb.Name}{ClosestWord.Hint(name, verb.Options.SelectMany(o => o.Names).Append("--help"))}");

    private static void CheckArguments(Verb verb, List<string> words)
    {
        if (verb.Arguments.Skip(words.Count).FirstOrDefault(a => a.IsRequired) is { } missing)
        {
            throw new UsageException($"{verb.Name} needs {string.Join(' ', verb.Arguments.Where(a => a.IsRequired).Select(a => a.Name))}; "
                + $"{missing.Name} is missing");
        }

        for (var i = 0; i < words.Count; i++)
        {
            var argument = i < verb.Arguments.Count ? verb.Arguments[i] : verb.Arguments is [.., { IsRepeated: true } last] ? last : null;
            if (argument is null)
            {
                throw new UsageException($"unexpected argument '{words[i]}'");
            }

            ValueRule.Check(argument.Name, words[i], argument.Property);
        }
    }
}
