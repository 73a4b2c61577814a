using System.Globalization;

namespace CpfPipeline.Labels;

/// <summary>Collects what is wrong with labels files: every kind of fault once, with how often and the first few places.</summary>
public sealed class LabelsFaults
{
    private const int Shown = 5;

    private readonly List<(string Text, string Remedy)> _kinds = [];
    private readonly Dictionary<string, (List<string> First, int Count)> _places = [];

    public bool Any => _kinds.Count > 0;

    /// <param name="text">What is wrong, as a plural: "pictures are missing".</param>
    /// <param name="remedy">What to do about it.</param>
    /// <param name="place">Where: a name, a line.</param>
    public void Add(string text, string remedy, string place)
    {
        if (!_places.TryGetValue(text, out var places))
        {
            _kinds.Add((text, remedy));
            places = ([], 0);
        }

        if (places.Count < Shown)
        {
            places.First.Add(place);
        }

        _places[text] = (places.First, places.Count + 1);
    }

    /// <exception cref="LabelsFileException">Anything was added.</exception>
    public void ThrowIfAny(string files)
    {
        if (!Any)
        {
            return;
        }

        var lines = _kinds.Select(kind =>
        {
            var (first, count) = _places[kind.Text];
            var more = count > first.Count ? string.Create(CultureInfo.InvariantCulture, $" and {count - first.Count} more") : "";
            return string.Create(CultureInfo.InvariantCulture, $"  {count} {kind.Text}: {string.Join(", ", first)}{more}; {kind.Remedy}");
        });
        throw new LabelsFileException($"{files} cannot be used:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
    }
}
