using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Heads;

namespace CpfPipeline.Learning.HeadDepth;

/// <summary>A head with its threshold and what it does on validation.</summary>
/// <param name="Name">See <see cref="CandidateName"/>.</param>
/// <param name="Head">Ready to be written.</param>
/// <param name="Calibration">The threshold: classes that took no part in fitting, among all there is.</param>
/// <param name="ValidationF1">Those classes among themselves, at one threshold; the best is exported.</param>
public sealed record FittedHead(string Name, LinearHead Head, PooledThreshold Calibration, double ValidationF1);
