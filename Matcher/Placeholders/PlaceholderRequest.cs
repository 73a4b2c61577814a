using System.Text.Json.Serialization;
using CpfPipeline.Data.Access;
using CpfPipeline.Matcher.Pictures;

namespace CpfPipeline.Matcher.Placeholders;

/// <summary>A person's decision whether a picture is a placeholder.</summary>
/// <param name="Picture">The picture.</param>
/// <param name="Word">
/// <c>mark</c>: never match it; <c>keep</c>: match it however many products use it; <c>auto</c>: let the count decide again.
/// </param>
/// <param name="Who">Who decides it; 1 to 200 characters.</param>
/// <param name="Note">Why; at most 2,000 characters.</param>
internal sealed record PlaceholderRequest(PictureName? Picture, string? Word, string? Who, string? Note)
{
    /// <summary>Who asked, for the audit.</summary>
    [JsonIgnore]
    public Actor? By { get; init; }
}

/// <summary>The number of certainly different products from which on a picture is a placeholder.</summary>
/// <param name="MinProductKeys">2 or more.</param>
internal sealed record PlaceholderPolicy(int MinProductKeys)
{
    /// <summary>Who asked, for the audit.</summary>
    [JsonIgnore]
    public Actor? By { get; init; }
}
