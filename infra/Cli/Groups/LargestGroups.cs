namespace CpfPipeline.Cli.Groups;

/// <summary>The largest match groups.</summary>
/// <param name="Groups">Groups of two images or more there are in all.</param>
/// <param name="Images">Images in them.</param>
/// <param name="Largest">Largest first; members by (source, external_id).</param>
internal sealed record LargestGroups(long Groups, long Images, IReadOnlyList<IReadOnlyList<ListedMember>> Largest);
