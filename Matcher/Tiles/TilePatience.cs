namespace CpfPipeline.Matcher.Tiles;

/// <summary>When tiles that were sent and are not written are sent again.</summary>
internal static class TilePatience
{
    private const int InTiles = 10;

    /// <summary>
    /// How long nothing must have been written before. It doubles with each sending that brought nothing: the tiles may be in hands that
    /// are slow, and nobody knows how slow before the first one is written. After four sendings that makes half an hour by default, which
    /// is as long as the broker lets a process hold a message.
    /// </summary>
    /// <param name="least">The least.</param>
    /// <param name="median">How long a tile took; zero when none is written.</param>
    /// <param name="inVain">Sendings since the last tile was written.</param>
    public static TimeSpan After(TimeSpan least, TimeSpan median, int inVain)
    {
        var once = InTiles * median is var slow && slow > least ? slow : least;
        return once * (1L << Math.Min(inVain, 16));
    }
}
