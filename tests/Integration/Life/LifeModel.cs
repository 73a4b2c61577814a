namespace CpfPipeline.Tests.Integration.Life;

/// <summary>What is to become of images, by the words of the design and plain collections. Shares no code with what it checks.</summary>
/// <param name="contentIds">Id of each picture's content: the last resort of the rule which of two submissions wins.</param>
internal sealed class LifeModel(IReadOnlyList<long> contentIds)
{
    public const string Refused = "not_found";
    public const string Erased = "erased";
    private static readonly string[] Ranks = ["received", "rejected", "stored", "retracted"];
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    public SortedDictionary<int, Image> Images { get; } = [];

    /// <summary>Pictures that have a content's row, and its state.</summary>
    public SortedDictionary<int, string> Contents { get; } = [];

    /// <summary>Pictures whose bytes are kept.</summary>
    public SortedSet<int> Blobs { get; } = [];

    /// <summary>Pictures that are embedded, and by which computation.</summary>
    public SortedDictionary<int, int> Looks { get; } = [];

    public SortedDictionary<(int A, int B), bool> Verdicts { get; } = [];

    /// <summary>Pictures found unreferenced, and for how long.</summary>
    public SortedDictionary<int, TimeSpan> Unreferenced { get; } = [];

    public HashSet<int> ErasedImages { get; } = [];

    public HashSet<int> ErasedPictures { get; } = [];

    /// <summary>Pictures that ever had a content's row.</summary>
    public HashSet<int> Known { get; } = [];

    /// <summary>Erasures under way: of the picture or of an image that shows it.</summary>
    public SortedDictionary<long, (bool OfPicture, int Picture)> Erasures { get; } = [];

    /// <summary>Pictures that belong into groups.</summary>
    public IEnumerable<int> Live => Looks.Keys.Where(p => Contents[p] == "stored" && IsShown(p));

    public bool IsShown(int picture) => Images.Values.Any(i => i.State == "stored" && i.Picture == picture);

    /// <returns>Why it is refused, or null.</returns>
    public string? Submit(int image, int picture, long revision)
    {
        if (ErasedImages.Contains(image))
        {
            return Erased;
        }

        if (Images.TryGetValue(image, out var row) && row.State != "received"
            && (row.Revision > revision || (row.Revision == revision && row.State == "retracted")))
        {
            return null; // Not worth a download.
        }

        if (ErasedPictures.Contains(picture))
        {
            Blobs.Remove(picture);
            Put(image, new Image("rejected", revision, null, Erased));
            return Erased;
        }

        Contents.TryAdd(picture, "stored");
        Known.Add(picture);
        Blobs.Add(picture);
        Put(image, new Image("stored", revision, picture, null));
        return null;
    }

    /// <summary>A submission that is refused, announced or a retraction.</summary>
    /// <returns>Whether the image was erased.</returns>
    public bool Change(int image, string state, long revision)
    {
        if (ErasedImages.Contains(image))
        {
            return true;
        }

        // A retraction remembers what was shown.
        var picture = state == "retracted" ? Images.GetValueOrDefault(image)?.Picture : null;
        Put(image, new Image(state, revision, picture, state == "rejected" ? Refused : null), comparedPicture: null);
        return false;
    }

    /// <returns>How the verdict is answered.</returns>
    public string Judge(int? a, int? b, string word)
    {
        if (a is not { } first || b is not { } second)
        {
            return "unknown_picture";
        }

        if (first == second)
        {
            return "exact_copies";
        }

        var pair = (Math.Min(first, second), Math.Max(first, second));
        if (word == "withdrawn")
        {
            Verdicts.Remove(pair);
            return "taken";
        }

        if (Contents.GetValueOrDefault(first) != "stored" || Contents.GetValueOrDefault(second) != "stored")
        {
            return "unknown_picture";
        }

        var then = new Dictionary<(int A, int B), bool>(Verdicts) { [pair] = word == "same" };
        if (then.Any(v => !v.Value && Tied(v.Key.A, then).Contains(v.Key.B)))
        {
            return "contradiction";
        }

        Verdicts[pair] = word == "same";
        return "taken";
    }

    /// <summary>The picture that an image names in a verdict.</summary>
    public int? Named(int image, string word) =>
        Images.TryGetValue(image, out var row) && (row.State == "stored" || word == "withdrawn") ? row.Picture : null;

    public void Embed(int picture, int look)
    {
        if (Contents.GetValueOrDefault(picture) == "stored")
        {
            Looks.TryAdd(picture, look);
        }
    }

    public void EraseImage(int image, long erasureId)
    {
        Images.Remove(image, out var row);
        ErasedImages.Add(image);
        if (row!.Picture is { } picture && !IsShown(picture))
        {
            Erasures.Add(erasureId, (false, picture));
        }
    }

    public void ErasePicture(int picture, long erasureId)
    {
        foreach (var (image, _) in Images.Where(i => i.Value.Picture == picture).ToArray())
        {
            Images.Remove(image);
        }

        ErasedPictures.Add(picture);
        Contents[picture] = Erased;
        Erasures.Add(erasureId, (true, picture));
    }

    /// <summary>The last step of an erasure.</summary>
    public void Finish(long erasureId)
    {
        Erasures.Remove(erasureId, out var erasure);
        if (erasure.OfPicture || !IsShown(erasure.Picture))
        {
            Purge(erasure.Picture);
        }
    }

    public void Wait(TimeSpan time)
    {
        foreach (var picture in Unreferenced.Keys.ToArray())
        {
            Unreferenced[picture] += time;
        }
    }

    /// <param name="members">Pictures that the Matcher has not let go yet.</param>
    /// <returns>How many are removed.</returns>
    public int Collect(IReadOnlySet<int> members)
    {
        foreach (var (picture, _) in Contents.Where(c => c.Value == "stored"))
        {
            if (IsShown(picture))
            {
                Unreferenced.Remove(picture);
            }
            else
            {
                Unreferenced.TryAdd(picture, TimeSpan.Zero);
            }
        }

        var due = Unreferenced.Where(u => u.Value >= Grace && Contents[u.Key] == "stored" && !members.Contains(u.Key)).Select(u => u.Key)
            .Where(p => !Erasures.Values.Any(e => e.Picture == p)).ToArray();
        Array.ForEach(due, Purge);
        return due.Length;
    }

    // New bytes start without verdicts, also the same ones when they come anew.
    private void Purge(int picture)
    {
        Contents.Remove(picture);
        Blobs.Remove(picture);
        Looks.Remove(picture);
        Unreferenced.Remove(picture);
        foreach (var pair in Verdicts.Keys.Where(v => v.A == picture || v.B == picture).ToArray())
        {
            Verdicts.Remove(pair);
        }

        foreach (var (image, row) in Images.Where(i => i.Value.Picture == picture).ToArray())
        {
            Images[image] = row with { Picture = null };
        }
    }

    private void Put(int image, Image row) => Put(image, row, row.Picture);

    private void Put(int image, Image row, int? comparedPicture)
    {
        if (!Images.TryGetValue(image, out var old) || Key(row, comparedPicture).CompareTo(Key(old, old.Picture)) > 0)
        {
            Images[image] = row;
        }
    }

    private (bool Outcome, long Revision, int Rank, long ContentId, int Reason) Key(Image row, int? picture) =>
        (row.State != "received", row.Revision, Array.IndexOf(Ranks, row.State), picture is { } p ? contentIds[p] : -1, Array.IndexOf([null, Erased, Refused], row.Reason));

    private static HashSet<int> Tied(int picture, Dictionary<(int A, int B), bool> verdicts)
    {
        HashSet<int> tied = [picture];
        while (verdicts.Where(v => v.Value && tied.Contains(v.Key.A) != tied.Contains(v.Key.B)).Select(v => ((int A, int B)?)v.Key).FirstOrDefault() is var (a, b))
        {
            tied.UnionWith([a, b]);
        }

        return tied;
    }

    /// <param name="State">Its state.</param>
    /// <param name="Revision">Revision of what made it so.</param>
    /// <param name="Picture">What it shows, or showed before it was retracted.</param>
    /// <param name="Reason">Why it was rejected.</param>
    internal sealed record Image(string State, long Revision, int? Picture, string? Reason);
}
