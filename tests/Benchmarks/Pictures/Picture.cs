namespace CpfPipeline.Tests.Benchmarks.Pictures;

/// <summary>A picture on disk, with what the backbone of the bench sees in it.</summary>
internal sealed record Picture(string File, long ContentId, Half[] Feature);
