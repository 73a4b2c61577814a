namespace CpfPipeline.Cli.Gallery;

/// <summary>A gallery to write.</summary>
/// <param name="File">Path of the HTML file.</param>
/// <param name="Top">Groups at most.</param>
/// <param name="Order">Which come first.</param>
/// <param name="Source">Only groups that hold an image of this source; null for all.</param>
internal sealed record GalleryRequest(string File, int Top, GalleryOrder Order, string? Source)
{
    public const int DefaultTop = 100;
    public const int MaxTop = 1_000;

    /// <summary>Reads the options of <c>groups</c>.</summary>
    /// <param name="html">Value of --html.</param>
    /// <param name="top">Value of --top.</param>
    /// <param name="order">Value of --order: doubt or size.</param>
    /// <param name="source">Value of --source.</param>
    /// <param name="format">Value of --format.</param>
    /// <returns>Null when no gallery is asked for.</returns>
    /// <exception cref="CommandException">Options that do not go together.</exception>
    public static GalleryRequest? Of(string? html, int? top, string? order, string? source, string format) =>
        html is not null && format != "table"
            ? throw CommandException.Usage($"--html writes a file of its own form, --format {format} does not go with it")
        : html is not null
            ? new(html, top ?? DefaultTop, order == "size" ? GalleryOrder.Size : GalleryOrder.Doubt, source)
        : top is not null || order is not null ? throw CommandException.Usage("--top and --order go with --html FILE")
        : null;
}
