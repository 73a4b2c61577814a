namespace CpfPipeline.Vision.Copies;

/// <summary>A colour, 8 bits a channel.</summary>
internal readonly record struct RgbColour(byte R, byte G, byte B)
{
    private static readonly RgbColour[] Papers = [new(255, 255, 255), new(255, 255, 255), new(0, 0, 0), new(240, 240, 240)];

    /// <summary>What lies around a picture: mostly white, black, light grey, or any colour.</summary>
    public static RgbColour Paper(EditedCopies.Draws draw)
    {
        var choice = draw.Next(Papers.Length + 1);
        return choice < Papers.Length ? Papers[choice] : Any(draw);
    }

    public static RgbColour Any(EditedCopies.Draws draw) => new((byte)draw.Next(256), (byte)draw.Next(256), (byte)draw.Next(256));
}
