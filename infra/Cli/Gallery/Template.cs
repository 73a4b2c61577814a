using System.Text;
using System.Text.RegularExpressions;

namespace CpfPipeline.Cli.Gallery;

/// <summary>HTML with places for values, <c>{{name}}</c>: a file of this folder, carried in the assembly.</summary>
internal sealed partial class Template
{
    // Markup and names in turn, markup first and last.
    private readonly string[] _parts;

    internal Template(string markup)
        : this(Place().Split(markup))
    {
    }

    private Template(string[] parts) => _parts = parts;

    public static Template Load(string name) => new(ReadAsset(name));

    /// <summary>A file of this folder as text.</summary>
    public static string ReadAsset(string name)
    {
        using var stream = typeof(Template).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The assembly lacks {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>What stands before and after the place of this name.</summary>
    public (Template Before, Template After) SplitAt(string name)
    {
        var place = Enumerable.Range(0, _parts.Length / 2).Select(i => (2 * i) + 1).Single(i => _parts[i] == name);
        return (new(_parts[..place]), new(_parts[(place + 1)..]));
    }

    /// <summary>The HTML with a value in every place.</summary>
    /// <exception cref="InvalidOperationException">A place has no value, or a value no place.</exception>
    public Html Fill(params (string Name, Html Value)[] values)
    {
        var known = values.ToDictionary(v => v.Name, v => v.Value);
        var unused = known.Keys.ToHashSet();
        var markup = new StringBuilder();
        for (var i = 0; i < _parts.Length; i++)
        {
            if (i % 2 == 0)
            {
                markup.Append(_parts[i]);
                continue;
            }

            markup.Append(known.TryGetValue(_parts[i], out var value)
                ? value : throw new InvalidOperationException($"There is no value for {_parts[i]}."));
            unused.Remove(_parts[i]);
        }

        return unused.Count == 0
            ? Html.Trusted(markup.ToString())
            : throw new InvalidOperationException($"There is no place for {string.Join(", ", unused)}.");
    }

    [GeneratedRegex("{{([a-z]+)}}")]
    private static partial Regex Place();
}
