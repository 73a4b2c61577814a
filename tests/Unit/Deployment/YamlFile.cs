using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CpfPipeline.Tests.Unit.Deployment;

/// <summary>Reads YAML as JSON, as far as the files of this repository use it: anchors, aliases and merge keys are resolved.</summary>
internal static partial class YamlFile
{
    /// <summary>The documents of a file of the checkout.</summary>
    public static IReadOnlyList<JsonObject> Read(string path) => Parse(File.ReadAllText(Checkout.At(path)));

    /// <summary>The documents of a text; empty ones are left out.</summary>
    public static IReadOnlyList<JsonObject> Parse(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return [.. stream.Documents.Select(d => JsonOf(d.RootNode)).OfType<JsonObject>()];
    }

    /// <summary>
    /// Plain words that YAML 1.1 takes for a truth value or an octal number and YAML 1.2 does not: readers differ, so nobody should write
    /// them.
    /// </summary>
    public static IEnumerable<string> AmbiguousWords(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.SelectMany(d => d.AllNodes).OfType<YamlScalarNode>()
            .Where(n => n.Style == ScalarStyle.Plain && Ambiguous().IsMatch(n.Value!)).Select(n => n.Value!).Distinct();
    }

    private static JsonNode? JsonOf(YamlNode node) => node switch
    {
        YamlMappingNode mapping => ObjectOf(mapping),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(JsonOf)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => ValueOf(scalar.Value!),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => throw new NotSupportedException($"{node.NodeType} at {node.Start}"),
    };

    private static JsonObject ObjectOf(YamlMappingNode mapping)
    {
        var result = new JsonObject();
        foreach (var (key, value) in mapping.Children)
        {
            if (((YamlScalarNode)key).Value is var name && name != "<<")
            {
                result[name!] = JsonOf(value);
            }
        }

        // The keys of the mapping itself outrank merged ones.
        foreach (var merged in mapping.Children.Where(c => ((YamlScalarNode)c.Key).Value == "<<").Select(c => JsonOf(c.Value)!.AsObject()))
        {
            foreach (var (name, value) in merged.Where(m => !result.ContainsKey(m.Key)).ToList())
            {
                result[name] = value?.DeepClone();
            }
        }

        return result;
    }

    private static JsonValue? ValueOf(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when Integer().IsMatch(text) => JsonValue.Create(long.Parse(text, CultureInfo.InvariantCulture)),
        _ when Fraction().IsMatch(text) => JsonValue.Create(double.Parse(text, CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(text),
    };

    [GeneratedRegex("^(?:[yYnN]|yes|Yes|YES|no|No|NO|on|On|ON|off|Off|OFF|True|TRUE|False|FALSE|0[0-7]+)$")]
    private static partial Regex Ambiguous();

    [GeneratedRegex("^-?(?:0|[1-9][0-9]*)$")]
    private static partial Regex Integer();

    [GeneratedRegex(@"^-?[0-9]+\.[0-9]+$")]
    private static partial Regex Fraction();
}
