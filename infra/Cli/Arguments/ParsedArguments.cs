namespace CpfPipeline.Cli.Arguments;

/// <summary>The words after the verb, sorted into options and positionals.</summary>
internal sealed class ParsedArguments
{
    private readonly Dictionary<string, List<string>> _options = [];

    private ParsedArguments()
    {
    }

    public List<string> Positionals { get; } = [];

    public bool WantsHelp { get; private set; }

    public bool Has(Option option) => _options.ContainsKey(option.Name);

    /// <summary>The last value given, or null.</summary>
    public string? Value(Option option) => _options.TryGetValue(option.Name, out var values) ? values[^1] : null;

    /// <summary>Every value given, in order.</summary>
    public IReadOnlyList<string> Values(Option option) => _options.TryGetValue(option.Name, out var values) ? values : [];

    /// <summary>The last value as a number.</summary>
    /// <exception cref="CommandException">The value is no number.</exception>
    public double? Number(Option option) => Value(option) is not { } text
        ? null
        : double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : throw CommandException.Usage($"{option.Name} takes a number, not '{text}'");

    /// <summary>Reads <paramref name="words"/>: <c>--name value</c>, <c>--name=value</c>, flags, short forms; <c>--</c> ends the options.</summary>
    /// <exception cref="CommandException">An unknown option, a missing value, or too many positionals; names the word.</exception>
    public static ParsedArguments Parse(IReadOnlyList<string> words, IReadOnlyList<Option> options, int maxPositionals)
    {
        var parsed = new ParsedArguments();
        for (var i = 0; i < words.Count; i++)
        {
            var word = words[i];
            if (word == "--")
            {
                parsed.Positionals.AddRange(words.Skip(i + 1));
                break;
            }

            if (word is "--help" or "-h")
            {
                parsed.WantsHelp = true;
                continue;
            }

            if (word.Length < 2 || word[0] != '-')
            {
                parsed.Positionals.Add(word);
                continue;
            }

            var equals = word.StartsWith("--", StringComparison.Ordinal) ? word.IndexOf('=') : -1;
            var name = equals < 0 ? word : word[..equals];
            var option = options.FirstOrDefault(o => o.Name == name || o.Short == name)
                ?? throw CommandException.Usage($"unknown option {name}");
            string value;
            if (option.Value is null)
            {
                value = equals < 0 ? "" : throw CommandException.Usage($"{name} takes no value");
            }
            else if (equals >= 0)
            {
                value = word[(equals + 1)..];
            }
            else
            {
                value = ++i < words.Count ? words[i] : throw CommandException.Usage($"{name} needs a value: {option.Value}");
            }

            if (!parsed._options.TryGetValue(option.Name, out var values))
            {
                parsed._options[option.Name] = values = [];
            }

            values.Add(value);
        }

        if (!parsed.WantsHelp && parsed.Positionals.Count > maxPositionals)
        {
            throw CommandException.Usage($"unexpected argument '{parsed.Positionals[maxPositionals]}'");
        }

        return parsed;
    }
}
