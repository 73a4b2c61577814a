namespace CpfPipeline.Nights.TrainingSets;

/// <summary>What <see cref="ClassAssignment"/> made of labels and verdicts.</summary>
/// <param name="Classes">By their keys, those without one last by their first content.</param>
/// <param name="Separations">Pairs of classes (smaller index first) that a person told apart and whose scopes do not.</param>
/// <param name="Unlabelled">Contents of no class, rising.</param>
/// <param name="Counts">What was there and what was left out.</param>
public sealed record AssignedClasses(
    IReadOnlyList<ProductClass> Classes, IReadOnlyList<(int A, int B)> Separations, IReadOnlyList<long> Unlabelled, AssignmentCounts Counts);
