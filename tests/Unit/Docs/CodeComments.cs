using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>What the comments of the code say of types and properties, as text for a page.</summary>
internal static partial class CodeComments
{
    private static readonly ConcurrentDictionary<string, ILookup<string, XElement>> Documentation = [];

    /// <summary>The summary of a property; empty when it has none.</summary>
    public static string SummaryOf(PropertyInfo property) =>
        TextOf(property.DeclaringType!, $"P:{property.DeclaringType!.FullName}.{property.Name}", "summary");

    /// <summary>The summary of a type; empty when it has none.</summary>
    public static string SummaryOf(Type type) => TextOf(type, $"T:{type.FullName}", "summary");

    /// <summary>The remarks of a type; empty when it has none.</summary>
    public static string RemarksOf(Type type) => TextOf(type, $"T:{type.FullName}", "remarks");

    private static string TextOf(Type type, string member, string part)
    {
        var members = Documentation.GetOrAdd(type.Assembly.GetName().Name!, name =>
            XDocument.Load(Path.Combine(AppContext.BaseDirectory, $"{name}.xml")).Descendants("member")
                .ToLookup(m => (string)m.Attribute("name")!));
        var text = members[member].SingleOrDefault()?.Element(part);
        return text is null ? "" : Spaces().Replace(string.Concat(text.Nodes().Select(TextOf)), " ").Trim();
    }

    private static string TextOf(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement see when (string?)see.Attribute("cref") is { } cref => $"`{cref.Split('.')[^1]}`",
        XElement other => other.Value,
        _ => "",
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
