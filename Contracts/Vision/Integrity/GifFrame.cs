namespace CpfPipeline.Vision.Integrity;

/// <summary>Where the first frame of a GIF lies on its canvas, in pixels.</summary>
internal readonly record struct GifFrame(int Left, int Top, int Width, int Height)
{
    public long Pixels => (long)Width * Height;
}
