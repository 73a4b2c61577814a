namespace CpfPipeline.Ingest.Sniffing;

/// <summary>Reads a header whose signature is known. Never throws; stops counting frames at <paramref name="enoughFrames"/>.</summary>
internal delegate ImageHeader HeaderParser(ReadOnlySpan<byte> bytes, int enoughFrames);

/// <summary>What is wrong with a header.</summary>
internal enum HeaderProblem
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The file ends before the header does.</summary>
    Cut,

    /// <summary>The header contradicts its format.</summary>
    Broken,
}

/// <summary>Size and frames, or what is wrong.</summary>
internal readonly record struct ImageHeader(int Width, int Height, int Frames, HeaderProblem Problem = HeaderProblem.None)
{
    public static ImageHeader Cut => new(0, 0, 0, HeaderProblem.Cut);

    public static ImageHeader Broken => new(0, 0, 0, HeaderProblem.Broken);

    /// <summary>A size as the file gives it; zero and more than int can hold are broken.</summary>
    public static ImageHeader Of(long width, long height, int frames = 1) =>
        width is <= 0 or > int.MaxValue || height is <= 0 or > int.MaxValue ? Broken : new ImageHeader((int)width, (int)height, frames);
}
