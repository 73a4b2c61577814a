namespace CpfPipeline.Trainer.TrainingSets;

/// <summary>What a run keeps about its training set.</summary>
/// <param name="SnapshotId">SHA-256 over the set, hexadecimal: equal ids, equal sets.</param>
/// <param name="CountsJson">Contents, classes, pairs, and what was left out and why, as a JSON object.</param>
internal sealed record TrainingSetFacts(string SnapshotId, string CountsJson);
