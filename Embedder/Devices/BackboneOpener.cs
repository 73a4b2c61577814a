using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Devices;

/// <summary>Opens backbones on the devices of the settings, else on the CPU, and says which.</summary>
internal sealed class BackboneOpener(
    IOptions<EmbedderOptions> options, EmbedderMetrics metrics, TimeProvider time, ILogger<BackboneOpener> logger)
{
    private EmbedderOptions Settings => options.Value;

    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph.</exception>
    public ServedBackbone Open(BackboneFile file, long backboneId)
    {
        var opened = Settings.DeviceIds
            .Select(id => new BackboneSession(file, SettingsFor(id, Settings.ExecutionProvider))).ToList();
        var onDevice = opened.Where(s => s.Provider.WhyNotGpu is null).ToList();
        var onCpu = opened.Except(onDevice).ToList();
        var backbone = onDevice.Count == 0 ? Alone(onCpu[0]) : Shared(file, onDevice);
        foreach (var session in onCpu.Skip(onDevice.Count == 0 ? 1 : 0))
        {
            Log.DeviceUnusable(logger, session.Settings.Device.Name, session.Provider.WhyNotGpu!);
            session.Dispose();
        }

        metrics.RunsOn(backbone.Provider.Name);
        if (backbone.Provider.WhyNotGpu is { } why)
        {
            Log.RunsOnCpu(logger, backboneId, backbone.Provider.Name, why);
        }
        else
        {
            Log.RunsOn(logger, backboneId, backbone.Provider.Name, string.Join(", ", backbone.Report().Select(d => d.Device)));
        }

        if (backbone.Provider.WhyNotTensorRt is { } whyNotTensorRt)
        {
            Log.NotOnTensorRt(logger, whyNotTensorRt);
        }

        return backbone;
    }

    private static ServedBackbone Alone(BackboneSession session) =>
        new(session.Spec, session.Provider, new Lazy<BackboneSession>(session), devices: null);

    private ServedBackbone Shared(BackboneFile file, List<BackboneSession> sessions)
    {
        var cpu = new Lazy<BackboneSession>(() => new BackboneSession(file, SettingsFor(0, ExecutionProviderRequest.Cpu)));
        var slots = sessions.Select(session => new DeviceSlot(
            session.Settings.Device.Name,
            new OnnxDevice(session.Settings.Device.Name, session, ownsSession: true),
            () => OnnxDevice.Open(file, session.Settings))).ToList();
        var batching = new DeviceBatching(
            Settings.EffectiveBatchSize(cuda: true), Settings.MaxBatchWait, Settings.EffectiveWorkers, sessions[0].Provider.Name);
        var group = new DeviceGroup(
            slots, () => new OnnxDevice(ExecutionProvider.Cpu, cpu.Value, ownsSession: false),
            new DeviceRowSize(file.Spec.Input.RowLength, file.Spec.FeatureDim), batching, metrics, time, logger);
        return new ServedBackbone(file.Spec, sessions[0].Provider, cpu, group);
    }

    private SessionSettings SettingsFor(int device, ExecutionProviderRequest provider) => new()
    {
        Provider = provider,
        MaxRowsPerRun = Settings.EffectiveBatchSize(cuda: true),
        Device = new DeviceSettings
        {
            Id = device,
            MaxMemoryBytes = Settings.MaxDeviceMemoryBytes,
            ConvolutionSearch = Settings.ConvolutionSearch,
            AllowTf32 = Settings.AllowTf32,
            TensorRt = Settings.TensorRt,
        },
    };
}
