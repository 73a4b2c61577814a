namespace CpfPipeline.Embedder.Devices;

/// <summary>A device, for <c>/health</c>.</summary>
/// <param name="Device">Its name, e.g. <c>cuda:0</c>.</param>
/// <param name="State"><c>running</c>, <c>restarting</c> or <c>lost</c>.</param>
/// <param name="Batch">Pictures it takes at once now.</param>
/// <param name="Losses">How often it was lost since the backbone was loaded.</param>
/// <param name="LastLoss">Why it was lost the last time; null if never.</param>
internal sealed record DeviceReport(string Device, string State, int Batch, int Losses, string? LastLoss);
