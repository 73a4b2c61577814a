using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Embedder.Decoding;

/// <summary>Section <c>Embedder:Decoding</c>: the processes that decode pictures. There are as many as <c>Embedder:Workers</c>.</summary>
public sealed class DecodingOptions
{
    /// <summary>
    /// Memory that one such process may use, in bytes. A picture that needs more is refused. Default: 2 GiB; a picture of 100 million
    /// pixels in a format that cannot be read in strips takes 300 to 800 MB for its pixels.
    /// </summary>
    [Range(256L << 20, 1L << 40, ErrorMessage = "Embedder:Decoding:MaxMemoryBytes must be between 256 MiB and 1 TiB.")]
    public long MaxMemoryBytes { get; set; } = 2L << 30;

    /// <summary>
    /// Memory that one such process may keep between two pictures, in bytes; one that keeps more is replaced. Default: 512 MiB.
    /// </summary>
    [Range(128L << 20, 1L << 40, ErrorMessage = "Embedder:Decoding:MaxIdleMemoryBytes must be between 128 MiB and 1 TiB.")]
    public long MaxIdleMemoryBytes { get; set; } = 512L << 20;

    /// <summary>Pictures after which a process is replaced, so that whoever got into one does not stay. Default: 5,000.</summary>
    [Range(1, int.MaxValue, ErrorMessage = "Embedder:Decoding:PicturesPerProcess must be at least 1.")]
    public int PicturesPerProcess { get; set; } = 5_000;

    /// <summary>
    /// Whether the Embedder refuses to start where a wall is missing, a network of its own excepted. Default: false; what is
    /// missing is logged and told by <c>/health</c>.
    /// </summary>
    public bool RequireWalls { get; set; }
}
