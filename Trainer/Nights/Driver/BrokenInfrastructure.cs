using System.Net.Sockets;
using CpfPipeline.Data.Blobs;
using Npgsql;

namespace CpfPipeline.Nights.Driver;

/// <summary>Tells broken infrastructure, which mends and is tried again, from what would fail the same way for ever.</summary>
internal static class BrokenInfrastructure
{
    public static bool Is(Exception e) => e switch
    {
        // Connection, resources, an operator's intervention, system, deadlock, lock: by class of SQLSTATE. Others are faults of a statement or of data.
        PostgresException p => p.IsTransient || p.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58",
        NpgsqlException or IOException or SocketException or TimeoutException or UnauthorizedAccessException or BlobMissingException => true,
        _ => e.InnerException is { } inner && Is(inner),
    };
}
