namespace CpfPipeline.Learning.FirstModels;

/// <summary>A picture that a model for edited copies is made with.</summary>
/// <param name="Path">Full path.</param>
/// <param name="Label">Product key: another picture of one label is neither a copy nor a stranger. Null: of no label.</param>
/// <param name="Set">Which of the folders it lies in, from 0.</param>
/// <param name="Use">What it is for.</param>
internal sealed record CopyPicture(string Path, string? Label, int Set, CopyUse Use);
