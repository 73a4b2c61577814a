namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>What a person sent to have compared, or what was wrong with it.</summary>
/// <param name="Uri">The address; empty when the picture's bytes were sent, or nothing.</param>
/// <param name="HasPicture">Whether the picture's bytes were sent.</param>
internal sealed record ProbeSent(string Uri, bool HasPicture)
{
    /// <summary>What was wrong, for a person, with its status code; null when nothing was.</summary>
    public (int Status, string Text)? Problem { get; private init; }

    /// <summary>Whether the form was not signed by these pages, or too long ago.</summary>
    public bool IsStale { get; private init; }

    /// <summary>A form that the pages did not sign.</summary>
    public static ProbeSent Stale { get; } = new("", false) { IsStale = true };

    /// <summary>Something that cannot be taken.</summary>
    public static ProbeSent Wrong(int status, string text) => new("", false) { Problem = (status, text) };
}
