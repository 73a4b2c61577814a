using System.Globalization;
using CpfPipeline.Vision.Onnx;

namespace CpfPipeline.Vision.Models;

/// <summary>Reads the metadata of one file and collects everything that is missing or malformed, to say it in one message.</summary>
internal sealed class ModelMetadata(ModelProto model, string name)
{
    private const int LargestSide = 4096;

    private readonly IReadOnlyDictionary<string, string> _values = ModelFile.ReadMetadata(model);
    private readonly List<string> _missing = [];
    private readonly List<string> _wrong = [];

    public string Text(string key)
    {
        if (_values.TryGetValue(key, out var value) && value.Length > 0)
        {
            return value;
        }

        _missing.Add(key);
        return "";
    }

    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The edge before a crop, null when there is none.</summary>
    public int? Edge(string key, string resize, int longestSide)
    {
        if (!Has(key))
        {
            return null;
        }

        var edge = Count(key);
        if (edge > 0 && (resize == "squash" || edge < longestSide || edge > LargestSide))
        {
            _wrong.Add(resize == "squash"
                ? $"{key} has no meaning where pictures are squashed" : $"{key} is {edge}, not {longestSide} to {LargestSide}");
        }

        return edge;
    }

    public double Positive(string key)
    {
        var text = Text(key);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value > 0 && double.IsFinite(value))
        {
            return value;
        }

        _wrong.Add($"{key} is \"{text}\", not a number above 0");
        return 1;
    }

    public string OneOf(string key, params string[] allowed)
    {
        var text = Text(key);
        if (text.Length > 0 && !allowed.Contains(text))
        {
            _wrong.Add($"{key} is \"{text}\", not {string.Join(" or ", allowed)}");
        }

        return text;
    }

    public int Count(string key)
    {
        var text = Text(key);
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0)
        {
            return value;
        }

        if (text.Length > 0)
        {
            _wrong.Add($"{key} is \"{text}\", not a number above 0");
        }

        return 0;
    }

    public (int Height, int Width) Size(string key)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return default;
        }

        if (TryParseSize(text, out var size))
        {
            return size;
        }

        _wrong.Add($"{key} is \"{text}\", not a size like 224 or 224x160 (height x width) of at most {LargestSide}");
        return default;
    }

    public float[] Triple(string key, bool aboveZero)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            return [];
        }

        if (TryParseTriple(text, out var values) && (!aboveZero || values.All(v => v > 0)))
        {
            return values;
        }

        _wrong.Add($"{key} is \"{text}\", not three numbers{(aboveZero ? " above 0" : "")} with commas between");
        return [];
    }

    /// <exception cref="ModelFileException">Something was missing or malformed.</exception>
    public void ThrowIfBad(string kind)
    {
        if (_missing.Count == 0 && _wrong.Count == 0)
        {
            return;
        }

        var parts = new List<string>();
        if (_missing.Count > 0)
        {
            parts.Add($"its metadata lacks {string.Join(", ", _missing)}");
        }

        parts.AddRange(_wrong);
        var advice = kind == ModelFile.BackboneKind ? "; write the metadata with: infra/cpf backbone add IN.onnx OUT.onnx ..." : "";
        throw new ModelFileException($"{name} is no usable {kind}: {string.Join("; ", parts)}{advice}");
    }

    public static bool TryParseSize(string text, out (int Height, int Width) size)
    {
        size = default;
        var parts = text.Split('x');
        if (parts.Length is < 1 or > 2
            || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            || !int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || height is < 1 or > LargestSide || width is < 1 or > LargestSide)
        {
            return false;
        }

        size = (height, width);
        return true;
    }

    public static bool TryParseTriple(string text, out float[] values)
    {
        var parts = text.Split(',');
        values = new float[3];
        for (var i = 0; i < 3; i++)
        {
            if (parts.Length != 3
                || !float.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out values[i])
                || !float.IsFinite(values[i]))
            {
                return false;
            }
        }

        return true;
    }
}
