using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Some rows of a feed on their way into the database.</summary>
/// <param name="rowsBefore">Rows of the feed before these.</param>
internal sealed class FeedBatch(long rowsBefore)
{
    private const int MaxShownLength = 1000;
    private readonly List<ImageEntry> _entries = [];
    private readonly List<long> _rows = [];
    private readonly List<FeedRejection> _nameless = [];
    private long _unreadable;
    private PreparedBatch? _prepared;

    /// <summary>Rows in the batch.</summary>
    public int Rows => _entries.Count + _nameless.Count;

    /// <summary>The batch with its bytes stored.</summary>
    public PreparedBatch Prepared => _prepared ?? throw new InvalidOperationException("Prepare first.");

    /// <summary>Adds a row.</summary>
    public void Add(long row, Submission submission, string? folder)
    {
        _unreadable += submission.IsUnreadable ? 1 : 0;
        if (SubmissionRule.IdentityProblem(submission.Source, submission.ExternalId) is { } problem)
        {
            var shown = Shown(submission.ExternalId);
            _nameless.Add(new FeedRejection(row, shown, SubmissionRule.IdentityReason(submission), submission.Problem ?? problem));
            return;
        }

        _rows.Add(row);
        _entries.Add(SubmissionRule.ToEntry(submission, folder));
    }

    public async Task<FeedBatch> PrepareAsync(ImageIntake intake, CancellationToken cancellationToken)
    {
        _prepared = await intake.PrepareAsync(_entries, cancellationToken);
        return this;
    }

    /// <summary>Rows whose images are to be fetched later.</summary>
    public IReadOnlyList<ParkedFetch> Parked(Feed feed, IReadOnlyList<IntakeResult> results) =>
        [.. results.Select((r, i) => (Result: r, Row: _rows[i])).Where(r => r.Result.NotYet is not null)
            .Select(r => new ParkedFetch(r.Result.Entry, r.Result.NotYet!, feed.FeedId, r.Row))];

    /// <summary>What the applied batch adds to the feed.</summary>
    public FeedProgress Progress(Feed feed, IReadOnlyList<IntakeResult> results)
    {
        var rejections = new List<FeedRejection>(_nameless);
        var (stored, waiting) = (0L, 0L);
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is { Reason: { } reason } rejected)
            {
                // The name of an erased image is not stored again. The row number is enough for the source.
                var shown = reason == RejectReasons.Erased ? "" : rejected.Entry.ExternalId;
                rejections.Add(new FeedRejection(_rows[i], shown, reason, rejected.Change!.RejectDetail));
            }
            else if (results[i].NotYet is not null)
            {
                waiting++;
            }
            else if (results[i].Effect == ImageEffect.Changed)
            {
                stored++;
            }
        }

        var listed = feed.Snapshot ? results.Select(r => r.Entry.ImageId).Distinct().ToArray() : [];
        return new FeedProgress(
            feed.FeedId, rowsBefore, rowsBefore + Rows, Rows - rejections.Count - stored - waiting, stored, rejections, listed)
        {
            Unreadable = _unreadable,
            Duplicates = [.. results.Where(r => r.Conflicts).Select(r => r.Entry.ExternalId)],
        };
    }

    // For display only: characters that PostgreSQL cannot store are replaced.
    private static string Shown(string? externalId) =>
        string.Concat((externalId ?? "").Take(MaxShownLength).Select(c => c == '\0' || char.IsSurrogate(c) ? '?'
            : c == SubmissionRule.UndecodableText ? '\uFFFD' : c));
}
