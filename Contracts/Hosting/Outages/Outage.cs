using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using Npgsql;

namespace CpfPipeline.Hosting.Outages;

/// <summary>Tells servers that are broken from faults of the work itself.</summary>
public static class Outage
{
    // Statements that took too long, or were cancelled: the server may be overloaded, or the statement too large.
    private const string QueryCanceled = "57014";

    // A server that became a standby.
    private const string ReadOnly = "25006";

    /// <summary>
    /// Whether an exception means that a server behind the service is broken or unreachable, so that the same work may succeed later.
    /// </summary>
    public static bool IsOne(Exception exception) =>
        exception is (NpgsqlException and not PostgresException { IsTransient: false }) or TimeoutException or IOException;

    /// <summary>
    /// Whether it is certain that a server is away or full, however deep in the exception that is said. All work meets it then, so that it
    /// can only wait.
    /// </summary>
    public static bool IsCertain(Exception? exception) => IsWithin(exception, e => e switch
    {
        PostgresException p => p.SqlState == ReadOnly
            || (p.SqlState != QueryCanceled && p.SqlState[..2] is "08" or "28" or "53" or "57" or "58"),
        NpgsqlException n => n.InnerException is not TimeoutException,
        FullDiskException or ObjectStoreException => true,
        _ => false,
    });

    /// <summary>
    /// Whether a server, or this one piece of work, may be to blame: a file that cannot be read, something that took too long, a
    /// transaction that met another one.
    /// </summary>
    public static bool IsPossible(Exception? exception) => !IsCertain(exception) && IsWithin(exception, e => e switch
    {
        FileNotFoundException or DirectoryNotFoundException or PathTooLongException or EndOfStreamException => false,
        PostgresException p => p.IsTransient || p.SqlState == QueryCanceled,
        _ => e is NpgsqlException or TimeoutException or IOException or UnauthorizedAccessException or BlobMissingException,
    });

    private static bool IsWithin(Exception? exception, Func<Exception, bool> holds) => exception is not null
        && (holds(exception)
            || (exception is AggregateException { InnerExceptions: var inner }
                ? inner.Any(e => IsWithin(e, holds)) : IsWithin(exception.InnerException, holds)));
}
