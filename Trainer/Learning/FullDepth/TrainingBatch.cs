namespace CpfPipeline.Learning.FullDepth;

/// <summary>A batch ready for the network.</summary>
/// <param name="Pixels"><c>[B,3,H,W] float32 RGB</c>, normalised as the backbone wants.</param>
/// <param name="Labels"><c>[B]</c> class indices.</param>
internal sealed record TrainingBatch(float[] Pixels, long[] Labels);
