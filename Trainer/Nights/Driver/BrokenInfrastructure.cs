using System.Net.Sockets;
using CpfPipeline.Data.Blobs;
using Npgsql;

namespace CpfPipeline.Nights.Driver;

/// <summary>Distinguishes broken infrastructure, which recovers and is tried again, from errors that every try would meet.</summary>
internal static class BrokenInfrastructure
{
    public static bool Is(Exception e) => e switch
    {
        // The classes of SQLSTATE for connection, resources, locks, deadlocks, the system and an operator's intervention. All others are
        // faults of a statement or of data.
        PostgresException p => p.IsTransient || p.SqlState[..2] is "08" or "40" or "53" or "55" or "57" or "58",
        NpgsqlException or IOException or SocketException or TimeoutException => true,
        UnauthorizedAccessException or BlobMissingException => true,
        _ => e.InnerException is { } inner && Is(inner),
    };
}
