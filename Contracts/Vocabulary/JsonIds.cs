using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CpfPipeline.Vocabulary;

/// <summary>
/// Ids in JSON are strings: JavaScript and jq lose digits of 63-bit numbers. Numbers are read as well, as older services and other
/// producers write them.
/// </summary>
public static class JsonIds
{
    /// <summary>For a property that is an id or a list of ids.</summary>
    public const JsonNumberHandling AsText = JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString;

    /// <summary>
    /// Writes every 64-bit number as a string whose name in JSON is <c>id</c>, <c>ids</c>, or ends like <c>group_id</c> or <c>groupIds</c>.
    /// Ids under another name carry <see cref="AsText"/> themselves. Add it to a type resolver.
    /// </summary>
    public static void WriteAsText(JsonTypeInfo type)
    {
        foreach (var member in type.Properties.Where(p => IsIdName(p.Name) && IsNumber(p.PropertyType)))
        {
            member.NumberHandling = AsText;
        }
    }

    private static bool IsIdName(string name) =>
        name is "id" or "ids" || name.EndsWith("_id", StringComparison.Ordinal) || name.EndsWith("_ids", StringComparison.Ordinal)
        || name.EndsWith("Id", StringComparison.Ordinal) || name.EndsWith("Ids", StringComparison.Ordinal);

    private static bool IsNumber(Type type) =>
        type == typeof(long) || type == typeof(long?) || typeof(IEnumerable<long>).IsAssignableFrom(type);
}
