namespace CpfPipeline.Ingest.Pressure;

/// <summary>What may be exceeded, so that no more is taken.</summary>
[Flags]
internal enum IntakeLimit
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Too little of a disk is free, or it does not answer.</summary>
    Disk = 1,

    /// <summary>The database does not answer.</summary>
    Database = 2,

    /// <summary>Too much waits to be published.</summary>
    Outbox = 4,

    /// <summary>Too many images wait to be fetched.</summary>
    Queue = 8,
}
