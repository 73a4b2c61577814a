namespace CpfPipeline.Learning.Evaluation;

/// <summary>Two pictures and how similar the model finds them. Paths are full paths; a file may be gone when the page is made.</summary>
public sealed record PicturePair(double Similarity, string PathA, string LabelA, string PathB, string LabelB);
