namespace CpfPipeline.Embedder.Devices;

/// <summary>Number of values per picture.</summary>
/// <param name="Pixels">float32 values that go in, 3 x H x W.</param>
/// <param name="Feature">Halves that come out.</param>
internal sealed record DeviceRowSize(int Pixels, int Feature);
