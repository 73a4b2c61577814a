using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Ingest.Images;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Vocabulary;
using Npgsql;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Some rows of a feed on their way into the database.</summary>
/// <param name="feed">The feed.</param>
/// <param name="rowsBefore">Rows of the feed before these.</param>
internal sealed class FeedBatch(Feed feed, long rowsBefore)
{
    private const int MaxShownLength = 1000;
    private readonly List<Guid> _confirmed = [];
    private List<ImageEntry> _entries = [];
    private List<Guid> _ids = [];
    private List<long> _rows = [];
    private readonly List<FeedRejection> _nameless = [];
    private long _unreadable;
    private PreparedBatch? _prepared;

    /// <summary>Rows in the batch.</summary>
    public int Rows => _confirmed.Count + _entries.Count + _nameless.Count;

    /// <summary>Bytes of the feed's file up to the last row.</summary>
    public long BytesRead { get; private set; }

    /// <summary>The batch with its bytes stored.</summary>
    public PreparedBatch Prepared => _prepared ?? throw new InvalidOperationException("Prepare first.");

    /// <summary>Whether no row is left that could change an image.</summary>
    public bool IsConfirmed => _entries.Count == 0;

    /// <summary>Adds a row.</summary>
    public void Add(long row, Submission submission, string? folder, long bytesRead)
    {
        BytesRead = bytesRead;
        var problem = SubmissionRule.IdentityProblem(submission.Source, submission.ExternalId);

        // A row without a usable name may mean any image.
        _unreadable += submission.IsUnreadable || problem is not null ? 1 : 0;
        if (problem is not null)
        {
            var shown = Shown(submission.ExternalId);
            _nameless.Add(new FeedRejection(row, shown, SubmissionRule.IdentityReason(submission), submission.Problem ?? problem));
            return;
        }

        _rows.Add(row);
        var entry = FeedRights.Apply(feed, SubmissionRule.ToEntry(FeedRights.Apply(feed, submission), folder));
        entry = entry with { FeedId = feed.FeedId };
        _entries.Add(entry);
        _ids.Add(entry.ImageId);
    }

    /// <summary>Settles the rows that say what their images show already.</summary>
    /// <param name="rows">Finds them.</param>
    /// <param name="files">Tells whether a picture in a file is the one that was fetched.</param>
    /// <param name="fetchedSince">A picture that was fetched before this time is to be fetched again.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task ConfirmAsync(
        ConfirmedRows rows, FileComparison files, DateTimeOffset fetchedSince, CancellationToken cancellationToken)
    {
        var confirmed = await rows.ConfirmAsync(feed.FeedId, _entries, _ids, fetchedSince, files, cancellationToken);
        _confirmed.AddRange(confirmed.Select(i => _ids[i]));
        _rows = [.. _rows.Where((_, i) => !confirmed.Contains(i))];
        _ids = [.. _ids.Where((_, i) => !confirmed.Contains(i))];
        _entries = [.. _entries.Where((_, i) => !confirmed.Contains(i))];
    }

    /// <summary>Fetches the pictures of the other rows.</summary>
    public async Task<FeedBatch> PrepareAsync(ImageIntake intake, CancellationToken cancellationToken)
    {
        _prepared = IsConfirmed ? new PreparedBatch([], [], []) : await intake.PrepareAsync(_entries, cancellationToken);
        return this;
    }

    /// <summary>Parks the rows whose images are to be fetched later, and adds the progress, in the transaction of the batch.</summary>
    public async Task AdvanceAsync(
        NpgsqlConnection connection, IReadOnlyList<IntakeResult> results, CancellationToken cancellationToken)
    {
        var notYet = Enumerable.Range(0, results.Count).Where(i => results[i].IsToBeParked).ToArray();
        var others = await ParkedFetchStore.ParkAsync(
            connection, [.. notYet.Select(i => new ParkedFetch(results[i].Entry, results[i].NotYet!, feed.FeedId, _rows[i]))],
            cancellationToken);
        var conflicts = others.Where(o => results[notYet[o.Key]].Entry.Uri != o.Value).Select(o => results[notYet[o.Key]].Entry.ExternalId);
        await FeedStore.AdvanceAsync(connection, Progress(results, notYet.Length - others.Count, [.. conflicts]), cancellationToken);
    }

    /// <summary>What the applied batch adds to the feed.</summary>
    /// <param name="results">What became of the rows that were not confirmed.</param>
    /// <param name="waiting">How many of them are to be fetched later.</param>
    /// <param name="conflicts">External ids of rows with another URI than the one that is to be fetched later.</param>
    public FeedProgress Progress(IReadOnlyList<IntakeResult> results, int waiting = 0, IReadOnlyCollection<string>? conflicts = null)
    {
        var rejections = new List<FeedRejection>(_nameless);
        var stored = 0L;
        for (var i = 0; i < results.Count; i++)
        {
            if (results[i] is { Reason: { } reason } rejected)
            {
                // The name of an erased image is not stored again. The row number is enough for the source.
                var shown = reason == RejectReasons.Erased ? "" : rejected.Entry.ExternalId;
                rejections.Add(new FeedRejection(_rows[i], shown, reason, rejected.Change!.RejectDetail));
            }
            else if (results[i] is { NotYet: null, Effect: ImageEffect.Changed })
            {
                stored++;
            }
        }

        var listed = feed.Snapshot ? results.Select(r => r.Entry.ImageId).Concat(_confirmed).Distinct().ToArray() : [];
        return new FeedProgress(
            feed.FeedId, rowsBefore, rowsBefore + Rows, Rows - rejections.Count - stored - waiting, stored, rejections, listed)
        {
            BytesRead = BytesRead,
            Unreadable = _unreadable,
            Duplicates = [.. results.Where(r => r.Conflicts).Select(r => r.Entry.ExternalId), .. conflicts ?? []],
        };
    }

    // For display only: characters that PostgreSQL cannot store are replaced.
    private static string Shown(string? externalId) =>
        string.Concat((externalId ?? "").Take(MaxShownLength).Select(c => c == '\0' || char.IsSurrogate(c) ? '?'
            : c == SubmissionRule.UndecodableText ? '\uFFFD' : c));
}
