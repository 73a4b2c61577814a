using System.Text;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Submissions;

/// <summary>What a valid submission is. The same rules hold for every route.</summary>
internal static class SubmissionRule
{
    public const int MaxSourceLength = 200;
    public const int MaxExternalIdLength = 1000;
    public const int MaxUriLength = 4096;
    public const int MaxProductKeyLength = 500;

    /// <summary>Stands for bytes that could not be decoded: a noncharacter of Unicode, which no text holds.</summary>
    public const char UndecodableText = '\uFDD0';

    // An index entry of PostgreSQL holds at most 2,704 bytes, and (source, external_id) is one.
    private const int MaxIdentityBytes = 2600;

    /// <summary>Why the image cannot even be named, or null.</summary>
    public static string? IdentityProblem(string? source, string? externalId)
    {
        if (TextProblem("source", source, MaxSourceLength) is { } badSource)
        {
            return badSource;
        }

        if (TextProblem("external_id", externalId, MaxExternalIdLength) is { } badId)
        {
            return badId;
        }

        return Encoding.UTF8.GetByteCount(source!) + Encoding.UTF8.GetByteCount(externalId!) > MaxIdentityBytes
            ? $"source and external_id together are longer than {MaxIdentityBytes} bytes in UTF-8."
            : null;
    }

    /// <summary>Why an address is refused whatever else a submission says, or null.</summary>
    public static (string Reason, string Detail)? UriProblem(string? uri) => UriTextProblem(uri) is { } problem
        ? (IsDamaged(uri) ? RejectReasons.InvalidEncoding : RejectReasons.InvalidSubmission, problem)
        : ImageUri.Check(uri!);

    /// <summary>The entry for a submission whose identity is valid; it is rejected when another field is not.</summary>
    /// <param name="submission">As sent.</param>
    /// <param name="feedFolder">Folder of the operator's feed, or null.</param>
    public static ImageEntry ToEntry(Submission submission, string? feedFolder = null)
    {
        var problem = submission.Problem
            ?? (submission.HasMalformedRevision ? RevisionText.Problem : null)
            ?? UriTextProblem(submission.Uri)
            ?? (string.IsNullOrEmpty(submission.ProductKey) ? null : TextProblem("product_key", submission.ProductKey, MaxProductKeyLength))
            ?? (submission.KeyScope is null or "" or ProductKeyScope.Global or ProductKeyScope.Source
                ? null
                : "key_scope must be global or source.");
        var entry = new ImageEntry
        {
            Source = submission.Source!,
            ExternalId = submission.ExternalId!,
            Revision = submission.HasMalformedRevision ? ImageChange.NoRevision : submission.Revision ?? submission.SentAtMilliseconds,
            FeedFolder = feedFolder,
        };
        if (problem is not null)
        {
            var isDamaged = submission.Problem is null && (IsDamaged(submission.Uri) || IsDamaged(submission.ProductKey));
            return entry with { Reason = isDamaged ? RejectReasons.InvalidEncoding : submission.ProblemReason, Detail = problem };
        }

        var (key, scope, warning) = ProductKeyRule.Normalise(submission.ProductKey, submission.KeyScope);
        entry = entry with { Uri = submission.Uri!, ProductKey = key, KeyScope = scope, Warning = submission.Warning ?? warning };
        return ImageUri.Check(entry.Uri) is { } refusal ? entry with { Reason = refusal.Reason, Detail = refusal.Detail } : entry;
    }

    /// <summary>Reason code of a submission whose source or external id is not valid.</summary>
    public static string IdentityReason(Submission submission) =>
        IsDamaged(submission.ExternalId) || IsDamaged(submission.Source) ? RejectReasons.InvalidEncoding : submission.ProblemReason;

    /// <summary>The entry for a retraction.</summary>
    public static ImageEntry ToEntry(Retraction retraction) => ToRetraction(retraction.Source, retraction.ExternalId, retraction.Revision);

    /// <summary>The entry for a retraction whose identity is valid.</summary>
    public static ImageEntry ToRetraction(string source, string externalId, long revision) =>
        new() { Source = source, ExternalId = externalId, Revision = revision, Retract = true };

    private static string? UriTextProblem(string? uri) => TextProblem("uri", uri, MaxUriLength);

    private static string? TextProblem(string field, string? value, int maxLength)
    {
        if (string.IsNullOrEmpty(value))
        {
            return $"{field} is missing.";
        }

        if (value.Length > maxLength)
        {
            return $"{field} is longer than {maxLength} characters.";
        }

        if (IsDamaged(value))
        {
            return $"{field} holds bytes that are not valid in the text's encoding. Save the text as UTF-8, or declare its encoding.";
        }

        // PostgreSQL's text holds neither.
        return value.Contains('\0') || HasLoneSurrogate(value) ? $"{field} holds a zero or is not valid Unicode." : null;
    }

    // U+FFFD marks text that an earlier program could not decode, U+FDD0 text that this one could not.
    private static bool IsDamaged(string? value) => value is not null && value.AsSpan().ContainsAny('\uFFFD', UndecodableText);

    private static bool HasLoneSurrogate(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (!char.IsSurrogate(value[i]))
            {
                continue;
            }

            if (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[i + 1]))
            {
                return true;
            }

            i++;
        }

        return false;
    }
}
