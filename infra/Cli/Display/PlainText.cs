using Spectre.Console.Rendering;

namespace CpfPipeline.Cli.Display;

/// <summary>
/// Text of strangers without what a terminal would obey: names that sellers give may hold sequences that clear the screen or paste. A file
/// that a command writes keeps them.
/// </summary>
internal static class PlainText
{
    /// <summary>The text; control characters but tabs and line feeds are replaced.</summary>
    public static string Of(string text) =>
        text.Any(IsObeyed) ? string.Concat(text.Select(c => IsObeyed(c) ? '\uFFFD' : c)) : text;

    /// <summary>Part of a table, the same way.</summary>
    public static IRenderable Of(IRenderable shown) => new Plain(shown);

    private static bool IsObeyed(char c) => char.IsControl(c) && c is not ('\t' or '\n');

    private sealed class Plain(IRenderable shown) : IRenderable
    {
        public Measurement Measure(RenderOptions options, int maxWidth) => shown.Measure(options, maxWidth);

        public IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => shown.Render(options, maxWidth)
            .Select(s => s.IsControlCode || s.IsLineBreak || !s.Text.Any(IsObeyed) ? s : new Segment(Of(s.Text), s.Style));
    }
}
