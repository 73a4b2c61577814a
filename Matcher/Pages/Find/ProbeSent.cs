namespace CpfPipeline.Matcher.Pages.Find;

/// <summary>What a person sent to have compared, or what was wrong with it.</summary>
internal abstract record ProbeSent
{
    /// <summary>What is said when as many pictures are sent or compared as may be at once.</summary>
    public static Wrong Busy { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "Too many pictures are being compared at this moment. Send yours again soon.");

    /// <summary>A picture.</summary>
    /// <param name="Uri">Its address; null when its bytes were received.</param>
    internal sealed record Given(string? Uri) : ProbeSent;

    /// <summary>A form that was not signed by these pages, or too long ago.</summary>
    internal sealed record Unsigned : ProbeSent;

    /// <summary>Something that cannot be taken.</summary>
    /// <param name="Status">Status code.</param>
    /// <param name="Text">What was wrong, for a person.</param>
    internal sealed record Wrong(int Status, string Text) : ProbeSent;
}
