using Npgsql;

namespace CpfPipeline.Hosting.Outages;

/// <summary>Tells servers that are broken from faults of the work itself.</summary>
public static class Outage
{
    /// <summary>
    /// Whether an exception means that a server behind the service is broken or unreachable, so that the same work may succeed later.
    /// </summary>
    public static bool IsOne(Exception exception) =>
        exception is (NpgsqlException and not PostgresException { IsTransient: false }) or TimeoutException or IOException;

    /// <summary>The same, however deep in the exception that is said.</summary>
    public static bool IsWithin(Exception? exception) => exception is not null
        && (IsOne(exception)
            || (exception is AggregateException { InnerExceptions: var inner }
                ? inner.Any(IsWithin) : IsWithin(exception.InnerException)));
}
