using CpfPipeline.Labels;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>One row of a labels.csv.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Name">The path as the file gives it.</param>
/// <param name="Set">Name of the set the picture comes from: its folder, told apart from other folders of that name.</param>
/// <param name="Label">The label as the file gives it; empty for a distractor without one.</param>
/// <param name="Class">
/// Key of the class: the label, behind the set's name when there are several sets. A distractor is a class of its own, whatever its label.
/// </param>
/// <param name="Split">After the rule that gives classes to validation.</param>
public sealed record LabelledPicture(string Path, string Name, string Set, string Label, string Class, LabelledSplit Split);
