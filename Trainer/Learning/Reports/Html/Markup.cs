using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace CpfPipeline.Learning.Reports.Html;

/// <summary>
/// HTML that is also well-formed XML. Written as an interpolated string: the literal parts are markup, every string put into it is text and gets escaped,
/// so that a label can never become an element. Only another <see cref="Markup"/> goes in as it is.
/// </summary>
[InterpolatedStringHandler]
internal sealed class Markup
{
    private readonly StringBuilder _text;

    public Markup(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (16 * formattedCount));

    public static Markup Empty => Raw("");

    /// <summary>A constant of this program, not data.</summary>
    public static Markup Raw(string constant)
    {
        var markup = new Markup(constant.Length, 0);
        markup.AppendLiteral(constant);
        return markup;
    }

    public static Markup Join(IEnumerable<Markup> parts)
    {
        var markup = new Markup(0, 0);
        foreach (var part in parts)
        {
            markup.AppendFormatted(part);
        }

        return markup;
    }

    public void AppendLiteral(string markup) => _text.Append(markup);

    public void AppendFormatted(Markup? markup)
    {
        if (markup is not null)
        {
            _text.Append(markup._text);
        }
    }

    public void AppendFormatted(string? text)
    {
        // Enumerating runes turns lone surrogates into U+FFFD.
        foreach (var rune in (text ?? "").EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '<' => _text.Append("&lt;"),
                '>' => _text.Append("&gt;"),
                '&' => _text.Append("&amp;"),
                '"' => _text.Append("&quot;"),
                '\'' => _text.Append("&#39;"),
                '\t' or '\n' or '\r' => _text.Append(' '),
                0xFFFE or 0xFFFF => _text.Append('\uFFFD'),
                _ when Rune.IsControl(rune) => _text.Append('\uFFFD'),
                _ => _text.Append(rune.ToString()),
            };
        }
    }

    public void AppendFormatted(int number) => _text.Append(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A coordinate; two decimals are finer than any screen. Figures for people come from <see cref="Number"/>.</summary>
    public void AppendFormatted(double coordinate) => _text.Append(coordinate.ToString("0.##", CultureInfo.InvariantCulture));

    public override string ToString() => _text.ToString();

    public void WriteTo(TextWriter writer)
    {
        foreach (var chunk in _text.GetChunks())
        {
            writer.Write(chunk.Span);
        }
    }
}
