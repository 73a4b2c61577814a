using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Embedder.Devices;

/// <summary>A device through ONNX Runtime, with a buffer for one size of batch at a time.</summary>
internal sealed class OnnxDevice : IInferenceDevice
{
    private readonly string _name;
    private readonly BackboneSession _session;
    private readonly bool _ownsSession;
    private BackboneBinding? _binding;

    /// <param name="name">The device in words.</param>
    /// <param name="session">The backbone, opened there.</param>
    /// <param name="ownsSession">Whether the session goes with the device.</param>
    public OnnxDevice(string name, BackboneSession session, bool ownsSession) =>
        (_name, _session, _ownsSession) = (name, session, ownsSession);

    /// <summary>Opens a backbone on the device of the settings.</summary>
    /// <exception cref="DeviceLostException">The device cannot be used.</exception>
    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph.</exception>
    public static OnnxDevice Open(BackboneFile file, SessionSettings settings)
    {
        var session = new BackboneSession(file, settings);
        if (session.Provider.WhyNotGpu is not { } why)
        {
            return new OnnxDevice(settings.Device.Name, session, ownsSession: true);
        }

        session.Dispose();
        throw new DeviceLostException($"{settings.Device.Name} cannot be opened: {why}");
    }

    public void Run(IReadOnlyList<ReadOnlyMemory<float>> pictures, int rows, Span<Half> features, Span<string?> reasons)
    {
        try
        {
            if (_binding?.Rows != rows)
            {
                Release();
                _binding = new BackboneBinding(_session, rows);
            }

            _binding.Run(pictures, features, reasons);
        }
        catch (OnnxRuntimeException e)
        {
            // What is bound may hold memory of the device.
            Release();
            throw OnnxFailure.Of(_name, e);
        }
    }

    public void Dispose()
    {
        Release();
        if (_ownsSession)
        {
            _session.Dispose();
        }
    }

    private void Release()
    {
        _binding?.Dispose();
        _binding = null;
    }
}
