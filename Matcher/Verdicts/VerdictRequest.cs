using System.Text.Json.Serialization;
using CpfPipeline.Data.Access;
using CpfPipeline.Matcher.Pictures;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Verdicts;

/// <summary>A person's word on two pictures.</summary>
/// <param name="A">The one picture.</param>
/// <param name="B">The other picture.</param>
/// <param name="Verdict">See <see cref="VerdictWord"/>.</param>
/// <param name="Who">Who says so; 1 to 200 characters.</param>
/// <param name="Note">Why; at most 2,000 characters.</param>
internal sealed record VerdictRequest(PictureName? A, PictureName? B, string? Verdict, string? Who, string? Note)
{
    /// <summary>Who asked, for the audit.</summary>
    [JsonIgnore]
    public Actor? By { get; init; }
}
