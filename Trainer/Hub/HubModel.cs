namespace CpfPipeline.Trainer.Hub;

/// <summary>A repository at one commit.</summary>
/// <param name="Commit">40 hex digits: whatever is fetched later is of this commit.</param>
/// <param name="Licence">As its card names it; null: it does not.</param>
/// <param name="Files">Paths in it.</param>
internal sealed record HubModel(string Commit, string? Licence, IReadOnlyList<string> Files);
