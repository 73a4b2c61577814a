using CpfPipeline.Data.Outages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace CpfPipeline.Hosting.Health;

/// <summary>Answers requests for which something unexpected happened.</summary>
public static class BrokenServers
{
    /// <summary>
    /// Answers 503 when a server behind the service is broken, so that the caller knows to ask again. Answers 400 for a character that
    /// PostgreSQL cannot store: no valid name contains one. Answers 500 for faults of the service itself.
    /// </summary>
    public static void UseFailureAnswers(this WebApplication app) =>
        app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StatusOf });

    /// <summary>The status for an unhandled exception.</summary>
    public static int StatusOf(Exception exception) => exception switch
    {
        PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter } =>
            StatusCodes.Status400BadRequest,
        BadHttpRequestException bad => bad.StatusCode, // A body that is too large (413), too slow (408), or broken off.
        _ => Outage.IsOne(exception) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status500InternalServerError,
    };
}
