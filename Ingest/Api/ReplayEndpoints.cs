using System.Globalization;
using System.Text.Json;
using CpfPipeline.Data.Access;
using CpfPipeline.Data.Locks;
using CpfPipeline.Hosting.Access.Callers;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Ingest.Replays;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;
using Npgsql;

namespace CpfPipeline.Ingest.Api;

/// <summary><c>POST /replays</c>: puts back what failed. It works as long as the caller listens.</summary>
internal static class ReplayEndpoints
{
    private const string Lines = "application/x-ndjson";
    private const string LockName = "cpf.replay";

    public static void Map(WebApplication app) => app.MapPost("/replays", RunAsync)
        .WithTags("Replays").WithName("Replay")
        .WithSummary("Put failed messages back into their queues, or ask again for rejected images and failed updates. The answer is a "
            + "line of JSON for each few hundred, then the summary. Closing the connection ends it, when the queue is in order again.")
        .Needs(AccessRole.Operate)
        .Produces<ReplayLine>(StatusCodes.Status200OK, Lines)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status403Forbidden)
        .ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<IResult> RunAsync(
        ReplayRequest request, HttpContext http, FailedMessages messages, ImageReplay images, IHostApplicationLifetime lifetime,
        IOptions<Microsoft.AspNetCore.Http.Json.JsonOptions> json, NpgsqlDataSource dataSource, ILogger<ImageReplay> logger)
    {
        if (ProblemOf(request) is { } problem)
        {
            return Results.Problem(problem, statusCode: StatusCodes.Status400BadRequest);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        var filter = new ReplayFilter(request.Queue, request.Reason, request.Source, request.Since, request.Until, request.Limit);

        // Two passes over one queue would meet each other's messages. To look at images touches nothing.
        await using var held = request is { Images: true, DryRun: true } ? null : await TakeAsync();
        if (held is null && request is not { Images: true, DryRun: true })
        {
            var other = await KeptLock.ReadNoteAsync(dataSource, LockName, stop.Token);
            return Results.Problem(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Another replay goes on: {other?.Note ?? "of an unknown caller"}, since {other?.TakenAt.UtcDateTime:u}. Ask again."),
                statusCode: StatusCodes.Status409Conflict);
        }

        if (!request.DryRun)
        {
            // Before the work, which is many transactions and may be ended at any time.
            var target = request.Images ? "images" : $"messages {request.Queue}";
            await AuditStore.AppendAsync(
                dataSource, new AuditEntry(Caller.Of(http).Actor, "replay", target, Detail: $"{filter}"), stop.Token);
        }

        http.Response.ContentType = Lines;
        await http.Response.StartAsync(stop.Token);
        try
        {
            var summary = request.Images
                ? await images.ReplayAsync(filter, request.DryRun, ReportAsync, stop.Token)
                : await messages.ReplayAsync(filter, request.DryRun, ReportAsync, stop.Token);
            Log.ReplayEnded(logger, request.Images ? "images" : "messages", summary.PutBack, summary.Chosen);
            await WriteAsync(new ReplayLine { Summary = summary });
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // The caller has gone. What was put back until then is put back, the rest stays where it is.
        }
        catch (OperationCanceledException)
        {
            await TellAsync("Ingest stops; ask again.");
        }
        catch (Exception e)
        {
            // The status was sent before the work began, so that only a line can say it.
            Log.ReplayBroken(logger, e);
            await TellAsync(e.Message);
        }

        return Results.Empty;

        Task<KeptLock?> TakeAsync() => KeptLock.TryTakeAsync(
            dataSource, LockName, $"{(request.Images ? "images" : "messages")}, asked for by {Caller.Of(http).Name}", stop.Token);

        // Whoever listens may go at any time. The work goes on to where it leaves the queue in order.
        Task ReportAsync(ReplayProgress progress) => TryWriteAsync(new ReplayLine { Progress = progress });

        Task TellAsync(string what) => TryWriteAsync(new ReplayLine { Problem = what });

        async Task TryWriteAsync(ReplayLine line)
        {
            try
            {
                await WriteAsync(line);
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                Log.NobodyListens(logger);
            }
        }

        async Task WriteAsync(ReplayLine line)
        {
            await JsonSerializer.SerializeAsync(http.Response.Body, line, json.Value.SerializerOptions, http.RequestAborted);
            await http.Response.Body.WriteAsync("\n"u8.ToArray(), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    private static string? ProblemOf(ReplayRequest request) =>
        request.Queue is { } queue && !FailedQueues.Knows(queue)
            ? $"There is no queue {queue}. There are {string.Join(", ", FailedQueues.Names)}."
        : request.Since >= request.Until ? "since is not before until."
        : request is { Images: true, Queue: not null } ? "Images lie in no queue: leave queue out."
        : request.Limit < 1 ? "limit is at least 1."
        : request.Images && ImageReplay.ReasonsOf(request.Reason) is null
            ? $"Asking again does not help against {request.Reason}. It may help against "
                + $"{string.Join(", ", RejectReasons.MayPass.Order())}."
        : null;
}
