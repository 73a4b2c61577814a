namespace CpfPipeline.Cli.Groups;

/// <summary>An image in a match group: a row of the view <c>cpf.match_group_members</c>.</summary>
/// <param name="Sha256">Of its bytes, hex.</param>
/// <param name="Uri">Where it came from.</param>
/// <param name="MedoidSimilarity">
/// Similarity to the group's medoid, the content most similar to all others; 1 for the medoid itself and its copies.
/// </param>
internal sealed record ListedMember(
    long GroupId, long ModelId, string Source, string ExternalId, string? ProductKey, string Sha256, string? Uri, double? MedoidSimilarity);
