using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>How a <see cref="DecoderPool"/> works.</summary>
public sealed record DecoderSettings
{
    /// <summary>Largest result: a model's input, or a thumbnail's file. Memory is taken as it is used.</summary>
    internal const int OutputBytes = 64 << 20;

    /// <summary>How many times its limit a process may take that is given no processor.</summary>
    internal const int MaxWaits = 4;

    /// <summary>The program of a process.</summary>
    public required DecoderCommand Command { get; init; }

    /// <summary>What a picture may cost.</summary>
    public required ImageLimits Limits { get; init; }

    /// <summary>Processes.</summary>
    public required int Count { get; init; }

    /// <summary>Pictures after which a process is replaced.</summary>
    public int PicturesPerProcess { get; init; } = 5_000;

    /// <summary>Memory that a process may use, in bytes. A picture that needs more is refused.</summary>
    public long MaxMemoryBytes { get; init; } = 2L << 30;

    /// <summary>Memory, in bytes, that a process may keep between two pictures; if it keeps more, it is replaced.</summary>
    public long MaxIdleMemoryBytes { get; init; } = 512L << 20;

    /// <summary>
    /// Processor time that a process may take between two pictures, in which the runtime compiles and collects for a moment; if it takes
    /// more, it is replaced.
    /// </summary>
    public TimeSpan MaxIdleWork { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>A process without one of these is refused.</summary>
    public Wall RequiredWalls { get; init; }

    /// <summary>Age at which a process is replaced after its picture.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long after <see cref="ImageLimits.MaxDecodeTime"/> a process is ended. libvips looks at the time itself, and says so in a
    /// friendlier way, when it still looks.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    // Whole pages, so that results begin on one.
    internal int InputBytes
    {
        get
        {
            var page = Environment.SystemPageSize;
            return checked((Limits.MaxImageBytes + page - 1) / page * page);
        }
    }
}
