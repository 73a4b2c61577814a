using System.Globalization;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Positional arguments, <c>--name value</c> options (some may be given several times) and <c>--flag</c>s of one verb.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, List<string>> _options = new(StringComparer.Ordinal);
    private readonly HashSet<string> _flags = new(StringComparer.Ordinal);
    private readonly List<string> _positions = [];

    /// <exception cref="UsageException">Unknown option, missing value, or another number of positional arguments.</exception>
    public static Arguments Parse(string[] args, int positions, params string[] options) => Parse(args, positions, options, []);

    /// <inheritdoc cref="Parse(string[], int, string[])"/>
    /// <param name="args">What follows the verb.</param>
    /// <param name="positions">How many positional arguments there must be.</param>
    /// <param name="options">Names that take a value.</param>
    /// <param name="flags">Names that take none.</param>
    public static Arguments Parse(string[] args, int positions, IReadOnlyCollection<string> options, IReadOnlyCollection<string> flags)
    {
        var result = new Arguments();
        for (var i = 0; i < args.Length; i++)
        {
            if (!args[i].StartsWith("--", StringComparison.Ordinal))
            {
                result._positions.Add(args[i]);
                continue;
            }

            var name = args[i][2..];
            if (flags.Contains(name))
            {
                result._flags.Add(name);
                continue;
            }

            if (!options.Contains(name))
            {
                throw new UsageException($"unknown option {args[i]}");
            }

            if (i + 1 == args.Length)
            {
                throw new UsageException($"{args[i]} needs a value");
            }

            if (!result._options.TryGetValue(name, out var values))
            {
                result._options[name] = values = [];
            }

            values.Add(args[++i]);
        }

        return result._positions.Count == positions
            ? result
            : throw new UsageException($"{positions} arguments are needed, {result._positions.Count} were given");
    }

    public string this[int position] => _positions[position];

    public bool Has(string flag) => _flags.Contains(flag);

    public string Required(string option) => Optional(option) ?? throw new UsageException($"--{option} is needed");

    /// <summary>The last value given.</summary>
    public string? Optional(string option) => _options.TryGetValue(option, out var values) ? values[^1] : null;

    /// <summary>Every value given, at least one.</summary>
    public IReadOnlyList<string> AtLeastOne(string option) =>
        _options.TryGetValue(option, out var values) ? values : throw new UsageException($"--{option} is needed");

    /// <summary>One of some words.</summary>
    public string Word(string option, string otherwise, params string[] words)
    {
        var text = Optional(option) ?? otherwise;
        return words.Contains(text, StringComparer.Ordinal)
            ? text
            : throw new UsageException($"--{option} is \"{text}\", not one of {string.Join(", ", words)}");
    }

    public int Number(string option, int otherwise, int least)
    {
        if (Optional(option) is not { } text)
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new UsageException($"--{option} is \"{text}\", not a whole number of at least {least}");
    }

    public double Real(string option, double otherwise, double least, double most)
    {
        if (Optional(option) is not { } text)
        {
            return otherwise;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most
            ? value
            : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--{option} is \"{text}\", not a number from {least} to {most}"));
    }
}
