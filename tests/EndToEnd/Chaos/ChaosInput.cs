namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>What a marketplace does to the pipeline.</summary>
internal enum InputKind
{
    /// <summary>An image over HTTP.</summary>
    Submit,

    /// <summary>An image as plain JSON on the bus.</summary>
    Publish,

    /// <summary>A file of rows, read by Ingest.</summary>
    Feed,

    /// <summary>An older revision with another picture, which comes late.</summary>
    Late,

    /// <summary>A retraction over HTTP.</summary>
    Retract,

    /// <summary>What a person says of two images.</summary>
    Verdict,

    /// <summary>An image that is erased for good.</summary>
    Erase,

    /// <summary>A message that nobody can read.</summary>
    Poison,

    /// <summary>A run of the Trainer.</summary>
    Night,
}

/// <summary>One input.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="Ids">The images that it is about; the second is the other one of a verdict, or whose picture a late message shows.</param>
/// <param name="Word">The verdict, or the mark of a poison message.</param>
internal sealed record ChaosInput(InputKind Kind, IReadOnlyList<string> Ids, string Word = "")
{
    public override string ToString() =>
        $"{Kind} {string.Join(", ", Ids.Take(2))}{(Ids.Count > 2 ? $" and {Ids.Count - 2} more" : "")} {Word}";
}
