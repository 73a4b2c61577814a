using System.Reflection;
using Spectre.Console.Cli;

namespace CpfPipeline.CommandLine;

/// <summary>A word that a verb takes by its position.</summary>
public sealed class VerbArgument
{
    internal VerbArgument(PropertyInfo property, CommandArgumentAttribute attribute)
    {
        Property = property;
        Name = attribute.ValueName;
        Position = attribute.Position;
        IsRequired = attribute.IsRequired;
    }

    /// <summary>As the help shows it: <c>PATH</c>.</summary>
    public string Name { get; }

    public bool IsRequired { get; }

    /// <summary>Whether it takes every word that is left.</summary>
    public bool IsRepeated => Property.PropertyType.IsArray;

    /// <summary>Where its value goes.</summary>
    public PropertyInfo Property { get; }

    internal int Position { get; }
}
