namespace CpfPipeline.Embedder.Devices;

/// <summary>A device that a backbone runs on.</summary>
/// <param name="Name">E.g. <c>cuda:0</c>.</param>
/// <param name="Device">Opened; goes with the group that uses it.</param>
/// <param name="Open">Opens it again after a loss; throws <see cref="DeviceLostException"/> when it cannot.</param>
internal sealed record DeviceSlot(string Name, IInferenceDevice Device, Func<IInferenceDevice> Open);
