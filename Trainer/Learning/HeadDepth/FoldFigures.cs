using CpfPipeline.Learning.Calibration;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>A head on a fold's classes of one set, measured twice.</summary>
/// <param name="InCatalogue">
/// Among all there is, the train classes too: gives the threshold, since the wrong pairs that matter are with the nearest of the whole catalogue.
/// </param>
/// <param name="Alone">Among classes that no head was fitted to: chooses between heads. A trained head draws new products towards the classes it knows, and only there.</param>
public sealed record FoldFigures(MeasuredPart InCatalogue, MeasuredPart Alone);
