namespace CpfPipeline.Tests.Integration.Life;

/// <summary>Which of several submissions, failures and retractions of an image counts, by the words of the design.</summary>
/// <param name="contentIds">Id of each picture's content: the last resort of the rule which of two submissions wins.</param>
/// <param name="isEmbedded">Whether a picture is embedded.</param>
internal sealed class LifeImages(IReadOnlyList<long> contentIds, Func<int, bool> isEmbedded)
{
    private static readonly string[] Ranks = ["received", "rejected", "stored", "retracted"];

    /// <summary>By image.</summary>
    public SortedDictionary<int, LifeImage> Rows { get; } = [];

    /// <summary>What an image showed while it was live, until it ceased to.</summary>
    public SortedSet<(int Image, int Picture)> Former { get; } = [];

    // A failure removes nothing: an image that shows a picture keeps showing it.
    public void Fail(int image, long revision, string reason)
    {
        if (!Rows.TryGetValue(image, out var old) || old.State == "received")
        {
            Rows[image] = new LifeImage("rejected", revision, null, reason);
        }
        else if (old.State == "rejected")
        {
            Rows[image] = IsWorse((revision, reason), (old.Revision, old.Reason!))
                ? old with { Revision = revision, Reason = reason } : old;
        }
        else if (old.State == "retracted")
        {
            Rows[image] = revision > old.Revision ? new LifeImage("rejected", revision, null, reason) { Applied = old.Revision } : old;
        }
        else if (
            revision > (old.Waiting?.Revision ?? old.Revision) && (old.Failed is not { } failed || IsWorse((revision, reason), failed)))
        {
            Rows[image] = old with { Failed = (revision, reason) };
        }
    }

    public bool Apply(int image, string state, long revision, int? picture)
    {
        if (!Rows.TryGetValue(image, out var old) || old.State == "received")
        {
            Rows[image] = new LifeImage(state, revision, picture, null);
            return true;
        }

        if (old.State == "rejected")
        {
            if (revision < old.Applied || (revision == old.Applied && state == "stored"))
            {
                return false;
            }

            Show(image, old, new LifeImage(state, revision, picture, null), (old.Revision, old.Reason!));
            return true;
        }

        if (Key(state, revision, picture).CompareTo(
            old.Waiting is { } w
                ? Key("stored", w.Revision, w.Picture) : Key(old.State, old.Revision, old.State == "retracted" ? null : old.Picture)) <= 0)
        {
            return false;
        }

        if (state == "stored" && old.State == "stored"
            && picture != old.Picture && isEmbedded(old.Picture!.Value) && !isEmbedded(picture!.Value))
        {
            Rows[image] = old with { Waiting = (picture.Value, revision), Failed = old.Failed?.Revision > revision ? old.Failed : null };
            return true;
        }

        // A retraction keeps the content that was shown.
        Show(image, old, new LifeImage(state, revision, state == "retracted" ? old.Picture : picture, null), old.Failed);
        return true;
    }

    public void Show(int image, LifeImage old, LifeImage row, (long Revision, string Reason)? failed)
    {
        if (old.State == "stored" && (row.State != "stored" || row.Picture != old.Picture))
        {
            Former.Add((image, old.Picture!.Value));
        }

        Rows[image] = !(failed?.Revision > row.Revision) ? row
            : row.State == "stored" ? row with { Failed = failed }
            : new LifeImage("rejected", failed.Value.Revision, null, failed.Value.Reason) { Applied = row.Revision };
    }

    public void ForgetWaiting(int picture)
    {
        foreach (var (image, row) in Rows.Where(i => i.Value.Waiting?.Picture == picture).ToArray())
        {
            Rows[image] = row with { Waiting = null };
        }
    }

    private (long Revision, int Rank, long ContentId) Key(string state, long revision, int? picture) =>
        (revision, Array.IndexOf(Ranks, state), picture is { } p ? contentIds[p] : -1);

    // Reasons rank by their letters.
    private static bool IsWorse((long Revision, string Reason) left, (long Revision, string Reason) right) =>
        (left.Revision, RankOf(left.Reason)).CompareTo((right.Revision, RankOf(right.Reason))) > 0;

    private static int RankOf(string reason) => Array.IndexOf([LifeModel.Erased, LifeModel.Refused], reason);
}
