using CpfPipeline.Vision.Decode;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Learning.Reports.Html;

/// <summary>Pictures as part of the page. A picture that cannot be shown becomes a grey box that says why.</summary>
/// <param name="decoder">Makes them; null: none is shown.</param>
internal sealed class Thumbnails(IPictureDecoder? decoder)
{
    /// <summary>Longer side in pixels.</summary>
    public const int Side = 96;

    // One byte more than allowed is enough to be refused.
    private static readonly long MaxBytes = new ImageLimits().MaxImageBytes + 1L;

    private readonly Dictionary<string, Markup> _made = new(StringComparer.Ordinal);

    public Markup Html(string path, string label)
    {
        if (!_made.TryGetValue(path, out var image))
        {
            image = Make(path, label);
            _made.Add(path, image);
        }

        return image;
    }

    private Markup Make(string path, string label)
    {
        if (decoder is null || Read(path) is not { } bytes)
        {
            return Missing(decoder is null ? "not shown" : "file missing");
        }

        var outcome = decoder.Thumbnail(bytes, Side, out var webp);
        return outcome.IsOk
            ? (Markup)$"""<img src="data:image/webp;base64,{Convert.ToBase64String(webp)}" alt="{Label.Shorten(label, 60)}" />"""
            : Missing(outcome.Reason == RejectReasons.TooManyBytes ? "file too large" : "not readable");
    }

    private static Markup Missing(string why) => $"""<span class="missing">{why}</span>""";

    // Bad input is a value: whatever a path of a labels file may name, the page is written.
    private static byte[]? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
            var bytes = new byte[Math.Min(file.Length, MaxBytes)];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
