using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.HeadDepth;
using CpfPipeline.Learning.Heads;
using CpfPipeline.Nights.TrainingSets;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Nights.Candidates;

/// <summary>A head with its threshold and its embeddings of the training set, before it is measured.</summary>
/// <param name="Head">The file.</param>
/// <param name="Vectors">Embeddings of the rows.</param>
/// <param name="IsUsable">Whether a row has an embedding.</param>
/// <param name="Calibration">The threshold.</param>
/// <param name="Fit">How it was trained; null: only the threshold is new.</param>
/// <param name="Options">Settings of the training; null: only the threshold is new.</param>
/// <param name="Device">Where it was trained; null: only the threshold is new.</param>
/// <param name="IsGuarded">Whether this run gave it a part for pictures of other kinds (<see cref="GuardedHead"/>).</param>
internal sealed record FittedCandidate(
    HeadFile Head, ContentVectors Vectors, bool[] IsUsable, PooledThreshold Calibration, HeadFitResult? Fit, HeadOptions? Options,
    string? Device, bool IsGuarded);
