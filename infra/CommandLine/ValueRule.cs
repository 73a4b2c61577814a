using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;

namespace CpfPipeline.CommandLine;

/// <summary>
/// Checks a value against the type and the attributes of the property it goes to: <c>[Range]</c> and <c>[AllowedValues]</c>.
/// </summary>
internal static class ValueRule
{
    /// <exception cref="UsageException">The value does not fit; names the option and what it takes.</exception>
    public static void Check(string name, string text, PropertyInfo property)
    {
        var type = property.PropertyType.IsArray ? property.PropertyType.GetElementType()! : property.PropertyType;
        type = Nullable.GetUnderlyingType(type) ?? type;
        object? value = text;
        if (type != typeof(string) && !TryConvert(type, text, out value))
        {
            throw new UsageException($"{name} is \"{text}\", not {Expected(type, property)}");
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range && !range.IsValid(value))
        {
            throw new UsageException($"{name} is \"{text}\", not {Expected(type, property)}");
        }

        if (property.GetCustomAttribute<AllowedValuesAttribute>() is { } allowed && !allowed.Values.Contains(text))
        {
            throw new UsageException($"{name} is \"{text}\", not one of {string.Join(", ", allowed.Values.OfType<string>())}");
        }
    }

    private static bool TryConvert(Type type, string text, out object? value)
    {
        var converter = TypeDescriptor.GetConverter(type);
        var fits = converter.IsValid(text);
        value = fits ? converter.ConvertFromInvariantString(text) : null;
        return fits && value is not double.NaN;
    }

    private static string Expected(Type type, PropertyInfo property)
    {
        var kind = type == typeof(double) ? "a number" : "a whole number";
        return property.GetCustomAttribute<RangeAttribute>() is not { } range ? kind
            : range.MinimumIsExclusive ? string.Create(CultureInfo.InvariantCulture, $"{kind} between {range.Minimum} and {range.Maximum}")
            : range.Maximum is int.MaxValue or double.MaxValue or long.MaxValue
                ? string.Create(CultureInfo.InvariantCulture, $"{kind} of at least {range.Minimum}")
            : string.Create(CultureInfo.InvariantCulture, $"{kind} from {range.Minimum} to {range.Maximum}");
    }
}
