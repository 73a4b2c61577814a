using System.Globalization;

namespace CpfPipeline.Learning.Reports.Html;

/// <summary>Labels are the user's: they may be long, in any script and any direction.</summary>
internal static class Label
{
    /// <summary>What a title attribute holds at most, so that a label of a megabyte does not make a page of many.</summary>
    private const int LongestTitle = 300;

    /// <summary>At most <paramref name="length"/> characters as people count them, an ellipsis in place of the rest.</summary>
    public static string Shorten(string label, int length)
    {
        if (label.Length <= length)
        {
            return label;
        }

        var elements = StringInfo.GetTextElementEnumerator(label);
        var (kept, end) = (0, 0);
        while (elements.MoveNext())
        {
            // An element may be a letter with a thousand accents: its UTF-16 units count too.
            var next = elements.ElementIndex + elements.GetTextElement().Length;
            if (++kept == length || next > 4 * length)
            {
                return label[..end].TrimEnd() + "…";
            }

            end = next;
        }

        return label;
    }

    /// <summary>The label, shortened, isolated from the direction of the text around it; whole (or nearly) when pointed at.</summary>
    public static Markup Html(string label, int length = 60)
    {
        var shown = Shorten(label, length);
        if (string.IsNullOrWhiteSpace(shown))
        {
            return $"""<i class="nameless">no label</i>""";
        }

        // Names made of words and underscores may break between the words.
        var breakable = Markup.Join(shown.Split('_').Select((word, i) => i == 0 ? (Markup)$"{word}" : $"_<wbr />{word}"));
        return shown.Length == label.Length ? (Markup)$"<bdi>{breakable}</bdi>" : $"""<bdi title="{Shorten(label, LongestTitle)}">{breakable}</bdi>""";
    }
}
