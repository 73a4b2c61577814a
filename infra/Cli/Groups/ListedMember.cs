namespace CpfPipeline.Cli.Groups;

/// <summary>An image in a match group: a row of the view <c>cpf.match_group_members</c>.</summary>
/// <param name="Sha256">Of its bytes, hex.</param>
internal sealed record ListedMember(long GroupId, long ModelId, string Source, string ExternalId, string? ProductKey, string Sha256);
