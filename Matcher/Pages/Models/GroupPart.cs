using CpfPipeline.Matcher.Pages.Pictures;

namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>A group on one side of a difference, with a few of its pictures.</summary>
/// <param name="GroupId">Its id under that model.</param>
/// <param name="Size">Pictures of it that are compared.</param>
/// <param name="Pictures">A few of them.</param>
public sealed record GroupPart(long GroupId, int Size, IReadOnlyList<ShownPicture> Pictures)
{
    /// <summary>Whether it is a picture that stands alone.</summary>
    public bool IsAlone => Size == 1;
}
