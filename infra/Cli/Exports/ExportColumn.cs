namespace CpfPipeline.Cli.Exports;

/// <summary>A column of an export.</summary>
/// <param name="Name">As in the view.</param>
/// <param name="Type">
/// <see cref="string"/>, <see cref="long"/>, <see cref="double"/>, <see cref="bool"/> or <see cref="DateTime"/> (UTC).
/// </param>
/// <param name="IsId">Whether its numbers are ids of 63 bits.</param>
internal sealed record ExportColumn(string Name, Type Type, bool IsId);
