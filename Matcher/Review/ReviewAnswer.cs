using System.Globalization;
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
    /// <summary>The reviewer cannot tell, and is not asked again.</summary>
    public const string Unsure = "unsure";

    /// <summary>
    /// Why the answer cannot be taken over what stands now, for a person; null when it can. A word that the reviewer has not seen is not
    /// overwritten. To agree with it overwrites nothing.
    /// </summary>
    public string? ProblemWith(VerdictRow? stands)
    {
        if (stands?.Verdict == Standing || stands?.Verdict == Word)
        {
            return null;
        }

        return stands is null
            ? "Somebody withdrew the verdict on these two after you saw it. Nothing changed: look at the pair again."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{stands.Who} said '{stands.Verdict}' of {Name(stands.ImagesA, stands.Sha256A)} and "
                + $"{Name(stands.ImagesB, stands.Sha256B)}, {stands.At.UtcDateTime:yyyy-MM-dd HH:mm} UTC, after you saw them. Your "
                + $"'{Word}' was not taken: look at the pair again.");
    }

    private static string Name(IReadOnlyList<string> images, string sha256) => images.Count > 0 ? images[0] : $"picture {sha256[..12]}";
}
