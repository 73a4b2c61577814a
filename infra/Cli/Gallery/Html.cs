using System.Net;
using System.Text;

namespace CpfPipeline.Cli.Gallery;

/// <summary>HTML. A string becomes HTML as text, with everything escaped: names come from strangers.</summary>
internal sealed class Html
{
    private readonly string _markup;

    private Html(string markup) => _markup = markup;

    public static Html Empty { get; } = new("");

    public static implicit operator Html(string text) => new(Escaped(text));

    /// <summary>The literal parts are markup of this program. A value is text and gets escaped, unless it is HTML.</summary>
    public static Html Of(FormattableString markup) =>
        new(string.Format(null, markup.Format, [.. markup.GetArguments().Select(v => v is Html html ? html._markup : Escaped($"{v}"))]));

    /// <summary>Markup of this program's own files, and what is made of it.</summary>
    public static Html Trusted(string markup) => new(markup);

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts));

    public override string ToString() => _markup;

    // Attributes stand in double quotes everywhere, so text and attributes are escaped alike.
    private static string Escaped(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes()) // A lone surrogate becomes U+FFFD.
        {
            shown.Append(rune.Value is '\t' or '\n' or '\r' ? " " : Rune.IsControl(rune) ? "\uFFFD" : rune.ToString());
        }

        return WebUtility.HtmlEncode(shown.ToString());
    }
}
