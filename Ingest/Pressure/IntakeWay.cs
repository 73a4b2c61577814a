namespace CpfPipeline.Ingest.Pressure;

/// <summary>A way in. What is full on one need not stop another.</summary>
internal enum IntakeWay
{
    /// <summary>Announced images, which wait in the broker until they are fetched.</summary>
    Queue,

    /// <summary>Uploads and feeds, which do not go by the broker.</summary>
    Direct,

    /// <summary>Retractions and hand-ins of feeds: always taken, they cost a place only.</summary>
    Always,
}
