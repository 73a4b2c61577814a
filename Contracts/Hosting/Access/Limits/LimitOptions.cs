using System.ComponentModel.DataAnnotations;

namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>How many requests one process takes, section <c>Access:Limits</c>. Further ones get 429 with Retry-After.</summary>
public sealed class LimitOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Access:Limits";

    /// <summary>
    /// Connections that one process holds; further ones are closed. Each costs a descriptor, of which the process needs some for its
    /// servers and files. Default 5,000.
    /// </summary>
    [Range(1, 1_000_000)]
    public int Connections { get; set; } = 5_000;

    /// <summary>Requests per second of one key or person. Default 4,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 4_000;

    /// <summary>Requests of one key or person at once, before the rate counts. Default 8,000.</summary>
    [Range(1, 1_000_000)]
    public int RequestsAtOnce { get; set; } = 8_000;

    /// <summary>Requests of one key or person under way; further ones wait, as many as eight times that. Default 64.</summary>
    [Range(1, 10_000)]
    public int RequestsUnderWay { get; set; } = 64;

    /// <summary>Requests per second without a valid key, of one address; wrong keys count here. Default 20.</summary>
    [Range(1, 1_000_000)]
    public int StrangersPerSecond { get; set; } = 20;

    /// <summary>Requests of one address without a valid key at once, before the rate counts. Default 200.</summary>
    [Range(1, 1_000_000)]
    public int StrangersAtOnce { get; set; } = 200;
}
