namespace CpfPipeline.Embedder.Devices;

/// <summary>How a device does.</summary>
internal enum DeviceState
{
    /// <summary>It takes pictures.</summary>
    Running,

    /// <summary>It was lost and is opened again; pictures wait for it or go to another device.</summary>
    Restarting,

    /// <summary>It was lost too often in a row. The service keeps trying to open it, but nothing waits for that.</summary>
    Lost,
}
