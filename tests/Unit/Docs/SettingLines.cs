using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>
/// Every setting of the services: the properties of the classes that name their section, with their documentation.
/// </summary>
internal static class SettingLines
{
    // All that lie beside the tests, so that none is forgotten.
    private static readonly string[] Assemblies =
        [.. Directory.EnumerateFiles(AppContext.BaseDirectory, "CpfPipeline.*.dll").Select(f => Path.GetFileNameWithoutExtension(f))
            .Where(n => !n.StartsWith("CpfPipeline.Tests.", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <summary>By section, in the order of the sections' names; those of a section in the order of the class.</summary>
    public static IReadOnlyList<IGrouping<string, SettingLine>> BySection { get; } =
        [.. Assemblies.Select(Assembly.Load).SelectMany(a => a.GetTypes())
            .Select(t => (Type: t, Section: SectionOf(t)))
            .Where(t => t.Section is not null && !t.Type.IsAbstract)
            .SelectMany(t => Of(t.Type, t.Section!).Select(line => (Section: t.Section!, Line: line)))
            .GroupBy(l => l.Section, l => l.Line).OrderBy(g => g.Key, StringComparer.Ordinal)];

    /// <summary>All of them. A key that two classes bind is there twice.</summary>
    public static IReadOnlyList<SettingLine> All { get; } = [.. BySection.SelectMany(g => g)];

    private static string? SectionOf(Type type) =>
        type.GetField("Section") is { IsLiteral: true } field ? field.GetRawConstantValue() as string : null;

    private static IEnumerable<SettingLine> Of(Type type, string prefix)
    {
        var instance = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
            .Where(p => p.CanWrite || IsList(p.PropertyType)))
        {
            var (key, kind) = ($"{prefix}:{property.Name}", Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType);
            if (kind is { IsClass: true, Namespace: { } name } && name.StartsWith("CpfPipeline", StringComparison.Ordinal))
            {
                foreach (var line in Of(kind, key))
                {
                    yield return line;
                }
            }
            else
            {
                yield return new(key, KindOf(property, kind), DefaultOf(property.GetValue(instance)), CodeComments.SummaryOf(property));
            }
        }
    }

    private static string KindOf(PropertyInfo property, Type type)
    {
        var kind = type == typeof(bool) ? "`true` or `false`"
            : type == typeof(TimeSpan) ? "time, `d.hh:mm:ss`"
            : type == typeof(string) ? "text"
            : type == typeof(double) ? property.Name.Contains("Share", StringComparison.Ordinal) ? "share" : "number"
            : type.IsEnum ? string.Join(" or ", Enum.GetNames(type).Select(n => $"`{n}`"))
            : IsList(type) ? "list of texts"
            : UnitOf(property.Name) is { } unit ? $"whole number, {unit}" : "whole number";
        return property.GetCustomAttribute<RangeAttribute>() is { } range ? $"{kind}; {RangeOf(range)}" : kind;
    }

    private static string? UnitOf(string name) =>
        name.EndsWith("Bytes", StringComparison.Ordinal) ? "bytes"
        : name.EndsWith("Megabytes", StringComparison.Ordinal) ? "MiB"
        : name.EndsWith("Pixels", StringComparison.Ordinal) ? "pixels"
        : name.EndsWith("PerSecond", StringComparison.Ordinal) ? "a second"
        : null;

    private static string RangeOf(RangeAttribute range)
    {
        var (least, most) = (Number(range.Minimum), Number(range.Maximum));
        return range.Maximum is long.MaxValue or int.MaxValue or double and > 9e18 ? $"from {least}" : $"{least} to {most}";
    }

    private static string Number(object value) => value switch
    {
        long or int => ((IFormattable)value).ToString("N0", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private static string DefaultOf(object? value) => value switch
    {
        null or "" => "none",
        bool truth => truth ? "`true`" : "`false`",
        IEnumerable<string> list => list.Any() ? string.Join(", ", list.Select(t => $"`{t}`")) : "none",
        TimeSpan time => $"`{time}`",
        string text when text.StartsWith(AppContext.BaseDirectory, StringComparison.Ordinal) =>
            $"`{text[AppContext.BaseDirectory.Length..]}` beside the program",
        string text when text.StartsWith(Path.GetTempPath(), StringComparison.Ordinal) =>
            $"`{text[Path.GetTempPath().Length..]}` in the folder for temporary files",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };

    private static bool IsList(Type type) => typeof(IEnumerable<string>).IsAssignableFrom(type);
}
