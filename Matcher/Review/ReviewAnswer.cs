using CpfPipeline.Data.Access;
using CpfPipeline.Matcher.Stores;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Matcher.Review;

/// <summary>A reviewer's answer on two pictures.</summary>
/// <param name="RequestId">Id of the form: the same one posted again changes nothing.</param>
/// <param name="A">The one content.</param>
/// <param name="B">The other content.</param>
/// <param name="Word"><see cref="VerdictWord.Same"/>, <see cref="VerdictWord.Different"/> or <see cref="Unsure"/>.</param>
/// <param name="Standing">The word that stood when the reviewer saw the pair; null: none did.</param>
/// <param name="Who">The reviewer.</param>
internal sealed record ReviewAnswer(Guid RequestId, long A, long B, string? Word, string? Standing, string Who)
{
    /// <summary>Who sent the form, for the audit.</summary>
    public Actor? By { get; init; }

    /// <summary>The reviewer cannot tell, and is not asked again.</summary>
    public const string Unsure = "unsure";

    /// <summary>
    /// Whether the answer would overwrite a word that the reviewer has not seen. To agree with it overwrites nothing.
    /// </summary>
    /// <param name="stands">The word that stands now, or null.</param>
    public bool OverwritesUnseen(string? stands) => stands != Standing && stands != Word;

    /// <summary>Why it is not taken then, for a person.</summary>
    /// <param name="stands">The verdict that stands now, or null.</param>
    /// <param name="names">The names of the two pictures.</param>
    public string WhyNotTaken(VerdictRow? stands, IReadOnlyDictionary<long, string> names) => stands is null
        ? "Somebody withdrew the verdict on these two after you saw it. Nothing changed: look at the pair again."
        : $"{stands.Who} said '{stands.Verdict}' of {names[stands.ContentA]} and {names[stands.ContentB]}, {ShownTime.Of(stands.At)}, "
            + $"after you saw them. Your '{Word}' was not taken: look at the pair again.";
}
