using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace CpfPipeline.Hosting.Health;

/// <summary>What a request is answered when something unexpected happens.</summary>
public static class BrokenServers
{
    /// <summary>
    /// Answers 503 when a server behind the service is broken, so that the caller knows to ask again, 400 for a character that PostgreSQL
    /// cannot store, which no name holds, and 500 for faults of the service itself.
    /// </summary>
    public static void UseFailureAnswers(this WebApplication app) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StatusOf });

    /// <summary>The status of an exception that nobody handled.</summary>
    public static int StatusOf(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            StatusCodes.Status400BadRequest,
        _ => IsServerTrouble(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
    };

    /// <summary>
    /// Whether an exception says that a server behind the service is broken or away, so that the same work may succeed later.
    /// </summary>
    public static bool IsServerTrouble(Exception exception) =>
        exception is (NpgsqlException and not PostgresException { IsTransient: false }) or TimeoutException or IOException;
}
