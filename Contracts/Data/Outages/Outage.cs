using System.Net.Sockets;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using Npgsql;

namespace CpfPipeline.Data.Outages;

/// <summary>
/// Tells servers that are broken from faults of the work itself, for messages, requests, loops and runs alike, however deep in the
/// exception that is said.
/// </summary>
public static class Outage
{
    // Statements that took too long, or were cancelled: the server may be overloaded, or the statement too large.
    private const string QueryCanceled = "57014";

    // A server that became a standby; a database that is not there yet, or not any more.
    private const string ReadOnly = "25006";
    private const string NoDatabase = "3D000";

    // Of class 53 these two are said of the server. Memory and temporary files may have run out for one huge statement.
    private const string DiskFull = "53100";
    private const string TooManyConnections = "53300";

    /// <summary>Whether a server is broken, or may be, so that the same work may succeed later.</summary>
    public static bool IsOne(Exception? exception) => IsCertain(exception) || IsPossible(exception);

    /// <summary>Whether it is certain that a server is away or full. All work meets it then, so that it can only wait.</summary>
    public static bool IsCertain(Exception? exception) => IsWithin(exception, e => e switch
    {
        PostgresException p => p.SqlState is ReadOnly or NoDatabase or DiskFull or TooManyConnections
            || (p.SqlState != QueryCanceled && p.SqlState[..2] is "08" or "28" or "57"),
        NpgsqlException n => n.InnerException is not TimeoutException,
        ObjectStoreException o => o.Fault != ObjectStoreFault.Request,
        FullDiskException => true,
        _ => false,
    });

    /// <summary>
    /// Whether a server, or this one piece of work, may be to blame: a file that cannot be read, something that took too long, a
    /// transaction that met another one. Of SQLSTATE, classes 40 and 55 are conflicts with others, 53 and 58 resources and files of the
    /// server, of which one statement may have asked too much or met a damaged one.
    /// </summary>
    public static bool IsPossible(Exception? exception) => !IsCertain(exception) && IsWithin(exception, e => e switch
    {
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException or EndOfStreamException => false,
        PostgresException p => p.IsTransient || p.SqlState == QueryCanceled || p.SqlState[..2] is "40" or "53" or "55" or "58",
        _ => e is NpgsqlException or TimeoutException or IOException or SocketException or UnauthorizedAccessException
            or BlobMissingException,
    });

    private static bool IsWithin(Exception? exception, Func<Exception, bool> holds) => exception is not null
        && (holds(exception)
            || (exception is AggregateException { InnerExceptions: var inner }
                ? inner.Any(e => IsWithin(e, holds)) : IsWithin(exception.InnerException, holds)));
}
