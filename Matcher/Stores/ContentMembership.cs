namespace CpfPipeline.Matcher.Stores;

/// <summary>Whether a content belongs into a model's groups, and whether it is there.</summary>
/// <param name="ContentId">The content.</param>
/// <param name="Live">Stored, no placeholder, referred to by a live image, embedded under the model's head.</param>
/// <param name="Placeholder">Whether it is a placeholder (logo, "no image"), which is never live.</param>
/// <param name="Member">Its membership, or null.</param>
internal readonly record struct ContentMembership(long ContentId, bool Live, bool Placeholder, GroupMember? Member)
{
    /// <summary>Whether it has to come in.</summary>
    public bool Arrives => Live && Member is null;

    /// <summary>Whether it has to leave.</summary>
    public bool Leaves => !Live && Member is not null;
}
