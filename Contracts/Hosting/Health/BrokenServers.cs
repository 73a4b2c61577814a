using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace CpfPipeline.Hosting.Health;

/// <summary>What a request is answered when something unexpected happens.</summary>
public static class BrokenServers
{
    /// <summary>Answers 503 when a server behind the service is broken, so that whoever asks knows to ask again, and 500 for faults of the service itself.</summary>
    public static void UseFailureAnswers(this WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions { StatusCodeSelector = StatusOf });

    /// <summary>The status of an exception that nobody handled.</summary>
    public static int StatusOf(Exception exception) =>
        exception is PostgresException { IsTransient: false } ? StatusCodes.Status500InternalServerError
        : exception is NpgsqlException or TimeoutException or IOException ? StatusCodes.Status503ServiceUnavailable
        : StatusCodes.Status500InternalServerError;
}
