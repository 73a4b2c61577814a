namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>How groups change.</summary>
public enum GroupDifferenceKind
{
    /// <summary>Pictures that stood alone become a group.</summary>
    Appears,

    /// <summary>Groups, or groups and single pictures, become one.</summary>
    Merges,

    /// <summary>A group becomes several, or loses pictures.</summary>
    Splits,

    /// <summary>All pictures of a group stand alone.</summary>
    Vanishes,

    /// <summary>Several groups become several others.</summary>
    Moves,
}
