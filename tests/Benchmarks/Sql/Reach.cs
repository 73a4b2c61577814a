namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>How much of the catalogue a query has to read.</summary>
internal enum Reach
{
    /// <summary>One listing, group or content.</summary>
    One,

    /// <summary>A page, a seller, or a group of thousands: as much as it returns.</summary>
    Page,

    /// <summary>Everything, once.</summary>
    Everything,
}
