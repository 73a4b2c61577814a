namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>What a search led to.</summary>
internal abstract record Found
{
    /// <summary>A picture in a group.</summary>
    internal sealed record InGroup(long GroupId, long ContentId) : Found;

    /// <summary>A product key that listings carry.</summary>
    internal sealed record ByKey(string Key) : Found;

    /// <summary>A listing or picture that is in no group.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Status">Where it stands, as in <c>cpf.image_status</c>.</param>
    internal sealed record NotGrouped(string Name, string Status) : Found;
}
