namespace CpfPipeline.Labels;

/// <summary>One row of a labels.csv.</summary>
/// <param name="Place">Where it stands, for messages: "line 7", behind the set's name when there are several.</param>
/// <param name="Path">Full path of the picture.</param>
/// <param name="Name">The path as the file gives it.</param>
/// <param name="Label">The label, or empty.</param>
/// <param name="Split">The split; train when the file says nothing, or an unknown word where only labels are wanted.</param>
public sealed record LabelsRow(string Place, string Path, string Name, string Label, LabelledSplit Split);
