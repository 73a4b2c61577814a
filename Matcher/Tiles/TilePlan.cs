namespace CpfPipeline.Matcher.Tiles;

/// <summary>
/// How the join of some contents with themselves is cut into tiles. A tile compares one block of contents (left) with one range of whole
/// blocks (right). Contents are numbered by their position in the order of their ids.
/// </summary>
/// <remarks>
/// Every ordered pair of contents is in exactly one tile. An edge counts only in the upper triangle, where the left content comes first.
/// The products below the diagonal are not wasted: each content's nearest are kept for explanation, and a tile that gave them for both of
/// its sides would return lists for the whole range too, for every block. So a tile answers for its left side only. When one range holds
/// everything, as up to a million contents by default, its lists are final.
/// </remarks>
/// <param name="Contents">Contents in all.</param>
/// <param name="BlockContents">Contents a block.</param>
/// <param name="RangeBlocks">Blocks a range.</param>
internal sealed record TilePlan(int Contents, int BlockContents, int RangeBlocks)
{
    public int Blocks => ((Contents - 1) / BlockContents) + 1;

    public int Ranges => ((Blocks - 1) / RangeBlocks) + 1;

    public int Tiles => checked(Blocks * Ranges);

    /// <summary>A plan whose ranges hold about as many contents as asked for, at least a block.</summary>
    public static TilePlan For(int contents, int blockContents, int rangeContents) =>
        new(contents, blockContents, (int)(((long)rangeContents + blockContents - 1) / blockContents));

    /// <summary>
    /// A tile by its number. Tiles of one range follow each other, so that who computes several keeps the range in memory.
    /// </summary>
    public (int Block, int Range) Tile(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Tiles);
        return (number % Blocks, number / Blocks);
    }

    /// <summary>The blocks of a range.</summary>
    public (int First, int Count) BlocksOf(int range) =>
        (range * RangeBlocks, Math.Min(RangeBlocks, Blocks - (range * RangeBlocks)));

    /// <summary>The positions of some blocks that follow each other.</summary>
    public (int First, int Count) PositionsOf(int firstBlock, int blocks)
    {
        var first = firstBlock * BlockContents;
        return (first, (int)Math.Min((long)blocks * BlockContents, Contents - first));
    }
}
