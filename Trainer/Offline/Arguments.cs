using System.Globalization;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Positional arguments and <c>--name value</c> options of one verb.</summary>
internal sealed class Arguments
{
    private readonly Dictionary<string, string> _options = new(StringComparer.Ordinal);
    private readonly List<string> _positions = [];

    /// <exception cref="UsageException">Unknown option, missing value, or another number of positional arguments.</exception>
    public static Arguments Parse(string[] args, int positions, params string[] options)
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
            if (!options.Contains(name))
            {
                throw new UsageException($"unknown option {args[i]}");
            }

            if (i + 1 == args.Length)
            {
                throw new UsageException($"{args[i]} needs a value");
            }

            result._options[name] = args[++i];
        }

        return result._positions.Count == positions
            ? result
            : throw new UsageException($"{positions} arguments are needed, {result._positions.Count} were given");
    }

    public string this[int position] => _positions[position];

    public string Required(string option) =>
        _options.TryGetValue(option, out var value) ? value : throw new UsageException($"--{option} is needed");

    public string? Optional(string option) => _options.GetValueOrDefault(option);

    public int Number(string option, int otherwise, int least)
    {
        if (!_options.TryGetValue(option, out var text))
        {
            return otherwise;
        }

        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= least
            ? value
            : throw new UsageException($"--{option} is \"{text}\", not a whole number of at least {least}");
    }
}
