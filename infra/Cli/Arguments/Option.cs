namespace CpfPipeline.Cli.Arguments;

/// <summary>One option a verb understands.</summary>
/// <param name="Name">Long name with its dashes: <c>--json</c>.</param>
/// <param name="Help">One line for <c>--help</c>.</param>
/// <param name="Value">Name of its value in the help; null when it is a flag.</param>
/// <param name="Short">Short form with its dash: <c>-f</c>; null when there is none.</param>
internal sealed record Option(string Name, string Help, string? Value = null, string? Short = null);
