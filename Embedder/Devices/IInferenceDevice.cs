namespace CpfPipeline.Embedder.Devices;

/// <summary>One backbone on one device (or on the CPU). For one caller at a time.</summary>
internal interface IInferenceDevice : IDisposable
{
    /// <summary>Computes the features of up to <paramref name="rows"/> pictures.</summary>
    /// <param name="pictures">Each <c>[3,H,W] float32</c>.</param>
    /// <param name="rows">Size of the run; what the pictures leave free is filled with zeros.</param>
    /// <param name="features"><c>[n,F]</c>; a refused row is zeros.</param>
    /// <param name="reasons">One a picture: null, or the reason code of a refusal.</param>
    /// <exception cref="DeviceMemoryException">So many rows do not fit into the device's memory; fewer may.</exception>
    /// <exception cref="DeviceLostException">The device no longer answers. Only opening it again can help.</exception>
    void Run(IReadOnlyList<ReadOnlyMemory<float>> pictures, int rows, Span<Half> features, Span<string?> reasons);
}
