using System.ComponentModel;
using System.Reflection;
using Spectre.Console.Cli;

namespace CpfPipeline.CommandLine;

/// <summary>An option that a verb takes.</summary>
public sealed class VerbOption
{
    internal VerbOption(PropertyInfo property, CommandOptionAttribute attribute)
    {
        Property = property;
        Name = "--" + attribute.LongNames[0];
        Names = [.. attribute.LongNames.Select(n => "--" + n), .. attribute.ShortNames.Select(n => "-" + n)];
        ValueName = attribute.ValueName;
        IsRequired = attribute.IsRequired;
    }

    /// <summary>Its long name with the dashes: <c>--json</c>.</summary>
    public string Name { get; }

    /// <summary>Every name with its dashes, the long one first.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Name of its value in the help; null for a flag.</summary>
    public string? ValueName { get; }

    public bool IsRequired { get; }

    /// <summary>What the help says of it.</summary>
    public string Description => Property.GetCustomAttribute<DescriptionAttribute>()?.Description ?? "";

    /// <summary>Where its value goes.</summary>
    public PropertyInfo Property { get; }
}
