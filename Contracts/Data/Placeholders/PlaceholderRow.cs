namespace CpfPipeline.Data.Placeholders;

/// <summary>A row of the view <c>cpf.placeholders</c>.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Sha256">SHA-256 of its bytes, hex.</param>
/// <param name="ProductKeys">Number of certainly different products that show it.</param>
/// <param name="Images">Live images that refer to it.</param>
/// <param name="Override">A person's decision: true, it is one; false, it is not; null: no decision.</param>
/// <param name="Who">Who decided it.</param>
/// <param name="Note">Why.</param>
/// <param name="Blank">Whether the picture is of one colour.</param>
/// <param name="Source">Source of a listing that shows it; null when no live one does.</param>
/// <param name="ExternalId">External id of that listing.</param>
public sealed record PlaceholderRow(
    long ContentId, string Sha256, int ProductKeys, long Images, bool? Override, string? Who, string? Note, bool Blank,
    string? Source, string? ExternalId);
