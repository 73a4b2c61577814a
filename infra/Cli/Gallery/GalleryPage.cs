using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CpfPipeline.Cli.Gallery;

/// <summary>The parts of a gallery as HTML. Its own content security policy forbids scripts and every request.</summary>
internal static class GalleryPage
{
    // Names are strangers' and may be long.
    private const int MaxNameLength = 200;

    private static readonly string Style = Template.ReadAsset("gallery.css");
    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));
    private static readonly (Template Top, Template Bottom) Page = Template.Load("page.html").SplitAt("groups");
    private static readonly Template GroupPart = Template.Load("group.html");
    private static readonly Template PicturePart = Template.Load("picture.html");

    /// <summary>What comes before the groups.</summary>
    /// <param name="head">What the gallery is about.</param>
    /// <param name="request">What was asked for.</param>
    /// <param name="shown">Groups that follow.</param>
    /// <param name="at">When it is written.</param>
    public static Html Top(GalleryHead head, GalleryRequest request, int shown, DateTimeOffset at) => Page.Top.Fill(
        ("hash", StyleHash),
        ("style", Html.Trusted(Style)),
        ("time", at.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
        ("model", Text($"{head.ModelId}")),
        ("threshold", Similarity(head.Threshold)),
        ("shown", Html.Of($"{Shown(head, request, shown)}{OfSource(request.Source)}.")));

    /// <summary>A group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="threshold">The model's.</param>
    /// <param name="thumbnails">By content: one for each of the group's pictures.</param>
    public static Html Group(GalleryGroup group, double threshold, IReadOnlyDictionary<long, Thumbnail> thumbnails) => GroupPart.Fill(
        ("id", Text($"{group.GroupId}")),
        ("size", Count(group.Size, "picture")),
        ("weakest", Similarity(group.WeakestMerge)),
        ("margin", (group.WeakestMerge - threshold).ToString("+0.000;−0.000;+0.000", CultureInfo.InvariantCulture)),
        ("keys", Keys(group.Keys)),
        ("pictures", Html.Join(group.Pictures.Select(p => Picture(p, thumbnails[p.ContentId])))),
        ("more", group.Size > group.Pictures.Count
            ? Html.Of($"<p class=\"facts\">and {Text($"{group.Size - group.Pictures.Count:N0}")} more</p>\n") : Html.Empty));

    /// <summary>What comes after the groups.</summary>
    public static Html Bottom() => Page.Bottom.Fill();

    private static string Shown(GalleryHead head, GalleryRequest request, int shown) => shown == head.Groups
        ? $"All {Count(head.Groups, "group")} of two pictures or more, {OrderOf(request.Order)} first, "
            + $"with {Count(head.Pictures, "picture")}"
        : Text($"The {shown:N0} {OrderOf(request.Order)} of {head.Groups:N0} groups of two pictures or more");

    private static string OrderOf(GalleryOrder order) => order == GalleryOrder.Size ? "largest" : "most doubtful";

    private static Html OfSource(string? source) => source is null ? Html.Empty : Html.Of($", only those with <bdi>{Short(source)}</bdi>");

    private static Html Keys(IReadOnlyList<string> keys)
    {
        var more = keys.Count > GalleryReader.MaxKeys ? " and more" : "";
        return keys.Count == 0 ? Html.Empty
            : Html.Of($"<p class=\"keys\">{Html.Join(keys.Take(GalleryReader.MaxKeys).Select(Key))}{more}</p>\n");
    }

    private static Html Key(string key) => Html.Of($" <bdi class=\"key\">{Short(key)}</bdi>");

    private static Html Picture(GalleryPicture picture, Thumbnail thumbnail) => PicturePart.Fill(
        ("image", thumbnail.WebP is { } webp
            ? Html.Of(
                $"<img src=\"data:image/webp;base64,{Base64(webp)}\" alt=\"{Short(picture.Listings[0].Name)}\" decoding=\"async\">")
            : Html.Of($"<p class=\"missing\">{thumbnail.Why}</p>")),
        ("listings", thumbnail == Thumbnail.Erased ? Html.Empty : Listings(picture)),
        ("similarity", picture.IsMedoid ? "medoid"
            : picture.ToMedoid is { } similarity ? $"{Similarity(similarity)} to the medoid" : "similarity unknown"));

    private static Html Listings(GalleryPicture picture)
    {
        var more = picture.ListingCount - picture.Listings.Count;
        return Html.Join(picture.Listings
            .Select(l => Html.Of(
                $"<span class=\"listing\"><bdi>{Short(l.Name)}</bdi>{(l.ProductKey is { } key ? Key(key) : Html.Empty)}</span>"))
            .Append(more == 0 ? Html.Empty : Html.Of($"<span class=\"listing\">and {Text($"{more:N0}")} more listings</span>")));
    }

    private static Html Base64(byte[] bytes) => Html.Trusted(Convert.ToBase64String(bytes));

    private static string Short(string name) => name.Length <= MaxNameLength ? name : name[..MaxNameLength] + "…";

    private static string Similarity(double value) =>
        Math.Clamp(value, -1, 1).ToString("0.000", CultureInfo.InvariantCulture); // Halves are of nearly unit length.

    private static string Count(long count, string noun) => Text($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
