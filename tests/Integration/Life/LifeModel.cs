namespace CpfPipeline.Tests.Integration.Life;

/// <summary>What is to become of images, by the words of the design and plain collections. Shares no code with what it checks.</summary>
internal sealed class LifeModel
{
    public const string Refused = "not_found";
    public const string Erased = "erased";
    private static readonly TimeSpan Grace = TimeSpan.FromHours(1);
    private readonly LifeImages _images;

    /// <param name="contentIds">See <see cref="LifeImages"/>.</param>
    public LifeModel(IReadOnlyList<long> contentIds) => _images = new LifeImages(contentIds, Looks.ContainsKey);

    public SortedDictionary<int, LifeImage> Images => _images.Rows;

    /// <summary>Pictures that have a content's row, and its state.</summary>
    public SortedDictionary<int, string> Contents { get; } = [];

    /// <summary>Pictures whose bytes are kept.</summary>
    public SortedSet<int> Blobs { get; } = [];

    /// <summary>Pictures that are embedded, and by which computation.</summary>
    public SortedDictionary<int, int> Looks { get; } = [];

    public SortedDictionary<(int A, int B), bool> Verdicts { get; } = [];

    /// <summary>Pictures found unreferenced, and for how long.</summary>
    public SortedDictionary<int, TimeSpan> Unreferenced { get; } = [];

    /// <summary>What an image showed while it was live, until it ceased to.</summary>
    public SortedSet<(int Image, int Picture)> Former => _images.Former;

    public HashSet<int> ErasedImages { get; } = [];

    public HashSet<int> ErasedPictures { get; } = [];

    /// <summary>Pictures that ever had a content's row.</summary>
    public HashSet<int> Known { get; } = [];

    public SortedDictionary<long, ErasureEntry> Erasures { get; } = [];

    /// <summary>Pictures that belong into groups.</summary>
    public IEnumerable<int> Live => Looks.Keys.Where(p => Contents[p] == "stored" && IsShown(p));

    /// <summary>Whether an image shows the picture, or will once it is embedded.</summary>
    public bool IsShown(int picture) =>
        Images.Values.Any(i => (i.State == "stored" && i.Picture == picture) || i.Waiting?.Picture == picture);

    /// <returns>Why it is refused, or null.</returns>
    public string? Submit(int image, int picture, long revision)
    {
        if (ErasedImages.Contains(image))
        {
            return Erased;
        }

        if (Images.TryGetValue(image, out var row) && (row.Waiting?.Revision ?? row.Applied) is { } applied
            && (applied > revision || (applied == revision && row.State == "retracted")))
        {
            return null; // Not worth a download.
        }

        if (ErasedPictures.Contains(picture))
        {
            Blobs.Remove(picture);
            _images.Fail(image, revision, Erased);
            return Erased;
        }

        Contents.TryAdd(picture, "stored");
        Known.Add(picture);
        Blobs.Add(picture);
        if (_images.Apply(image, "stored", revision, picture))
        {
            Unreferenced.Remove(picture); // In use again: released later, it is kept as long as any other.
        }

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

        switch (state)
        {
            case "rejected":
                _images.Fail(image, revision, Refused);
                break;
            case "retracted":
                _images.Apply(image, state, revision, null);
                break;
            case var _ when !Images.TryGetValue(image, out var old) || (old.State == "received" && revision > old.Revision):
                Images[image] = new LifeImage(state, revision, null, null);
                break;
        }

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
            foreach (
                var (image, row) in Images.Where(i => i.Value is { State: "stored", Waiting: { } w } && w.Picture == picture).ToArray())
            {
                _images.Show(image, row, new LifeImage("stored", row.Waiting!.Value.Revision, picture, null), row.Failed);
            }
        }
    }

    /// <summary>Erases the image, its content and all its former contents, except those that another live image shows.</summary>
    /// <returns>The pictures it showed before that go too, each by an erasure of its own: see <see cref="ErasePart"/>.</returns>
    public int[] EraseImage(int image, long erasureId)
    {
        Images.Remove(image, out var row);
        ErasedImages.Add(image);
        var shown = Former.Where(f => f.Image == image).Select(f => f.Picture).Concat(row!.Waiting is { } w ? [w.Picture] : []).Distinct();
        int[] former = [.. shown.Where(p => p != row.Picture && !IsShown(p)).Order()];
        Former.RemoveWhere(f => f.Image == image);
        if (former.Length > 0 || (row!.Picture is { } picture && !IsShown(picture)))
        {
            Erasures.Add(erasureId, new ErasureEntry(OfPicture: false, row!.Picture, PartOf: null));
        }

        return former;
    }

    /// <summary>The former contents of an erased image are erased with it.</summary>
    public void ErasePart(int picture, long erasureId, long partOf) =>
        Erasures.Add(erasureId, new ErasureEntry(OfPicture: false, picture, partOf));

    /// <summary>An image's erasure is not finished before all is gone that it showed.</summary>
    public bool HasParts(long erasureId) => Erasures.Values.Any(e => e.PartOf == erasureId);

    public void ErasePicture(int picture, long erasureId)
    {
        foreach (var (image, _) in Images.Where(i => i.Value.Picture == picture).ToArray())
        {
            Images.Remove(image);
            Former.RemoveWhere(f => f.Image == image);
        }

        Former.RemoveWhere(f => f.Picture == picture);
        _images.ForgetWaiting(picture);
        ErasedPictures.Add(picture);
        Contents[picture] = Erased;
        Erasures.Add(erasureId, new ErasureEntry(OfPicture: true, picture, PartOf: null));
    }

    /// <summary>The last step of an erasure.</summary>
    public void Finish(long erasureId)
    {
        Erasures.Remove(erasureId, out var erasure);
        if (erasure!.Picture is { } picture && (erasure.OfPicture || !IsShown(picture)))
        {
            Purge(picture);
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

    // New bytes start without verdicts, and so do the same bytes when they come again.
    private void Purge(int picture)
    {
        Contents.Remove(picture);
        _images.ForgetWaiting(picture);
        Blobs.Remove(picture);
        Looks.Remove(picture);
        Unreferenced.Remove(picture);
        Former.RemoveWhere(f => f.Picture == picture);
        foreach (var pair in Verdicts.Keys.Where(v => v.A == picture || v.B == picture).ToArray())
        {
            Verdicts.Remove(pair);
        }

        foreach (var (image, row) in Images.Where(i => i.Value.Picture == picture).ToArray())
        {
            Images[image] = row with { Picture = null };
        }
    }

    private static HashSet<int> Tied(int picture, Dictionary<(int A, int B), bool> verdicts)
    {
        HashSet<int> tied = [picture];
        while (verdicts.Where(v => v.Value && tied.Contains(v.Key.A) != tied.Contains(v.Key.B))
            .Select(v => ((int A, int B)?)v.Key).FirstOrDefault() is var (a, b))
        {
            tied.UnionWith([a, b]);
        }

        return tied;
    }
}
