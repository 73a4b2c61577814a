using System.Net;
using System.Text.Json;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Replays;
using CpfPipeline.Tests.Unit.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Replays;

public sealed class ReplayClientTests
{
    private const string Summary = """
        {"progress":null,"summary":{"looked_at":7,"chosen":3,"put_back":2,"counts":[],"first":[],"out_of_reach":1},"problem":null}
        """;

    private static readonly ReplayBody Body = new(
        Images: true, DryRun: true, null, "not_found", "shop", DateTimeOffset.UnixEpoch, null, 5);

    [Fact]
    public async Task RunAsync_LinesUntilTheSummary_TellsEachAndGivesIt()
    {
        var asked = "";
        var told = new List<ReplayedSoFar>();
        using var ingest = PlayedService.Client("Ingest", (request, body) =>
        {
            asked = $"{request.Method} {request.RequestUri!.AbsolutePath} {body}";
            return PlayedService.Json(HttpStatusCode.OK, $$"""
                {"progress":{"looked_at":1,"total":7,"put_back":0,"waits":"the disk is full"} }
                {"progress":{"looked_at":7,"total":7,"put_back":2} }
                {{Summary}}
                """);
        });

        var outcome = await new ReplayClient(ingest).RunAsync(Body, told.Add, TestContext.Current.CancellationToken);

        Assert.Equal((7, 3, 2, 1), (outcome.LookedAt, outcome.Chosen, outcome.PutBack, outcome.OutOfReach));
        Assert.Equal([new(1, 7, 0, "the disk is full"), new(7, 7, 2)], told);
        Assert.StartsWith("POST /replays ", asked, StringComparison.Ordinal);
        var sent = JsonDocument.Parse(asked["POST /replays ".Length..]).RootElement;
        Assert.Equal(
            (true, true, "not_found", "shop", 5),
            (sent.GetProperty("images").GetBoolean(), sent.GetProperty("dry_run").GetBoolean(), sent.GetProperty("reason").GetString(),
                sent.GetProperty("source").GetString(), sent.GetProperty("limit").GetInt32()));
    }

    [Theory]
    [InlineData(HttpStatusCode.OK, """{"problem":"the broker is away"}""", ExitCode.Infrastructure, "broke off: the broker is away")]
    [InlineData(HttpStatusCode.OK, """{"progress":{"looked_at":1,"total":7,"put_back":0} }""", ExitCode.Infrastructure, "fell silent")]
    [InlineData(HttpStatusCode.BadRequest, """{"detail":"There is no queue x."}""", ExitCode.Usage, "There is no queue x.")]
    [InlineData(HttpStatusCode.Conflict, """{"detail":"Another replay goes on: of ann"}""", ExitCode.AlreadyRunning, "of ann")]
    [InlineData(HttpStatusCode.Forbidden, """{"detail":"It needs operate."}""", ExitCode.Infrastructure, "It needs operate.")]
    [InlineData(HttpStatusCode.ServiceUnavailable, """{"detail":"no database"}""", ExitCode.Infrastructure, "no database")]
    public async Task RunAsync_WhatDoesNotEndWell_EndsWithItsCodeAndSaysWhy(
        HttpStatusCode status, string body, object code, string expected)
    {
        using var ingest = PlayedService.Client("Ingest", (_, _) => PlayedService.Json(status, body));

        var e = await Assert.ThrowsAnyAsync<CommandException>(
            () => new ReplayClient(ingest).RunAsync(Body, _ => { }, TestContext.Current.CancellationToken));

        Assert.Equal(code, e.ExitCode);
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 0, "2 of 7 were put back")]
    [InlineData(true, 0, "3 of 7 would be put back (dry run)")]
    [InlineData(false, 4, "2 of 7 were put back; 4 more images must be sent again by their sources")]
    public void Sentence_OfAnOutcome_SaysWhatWasDone(bool isDryRun, int outOfReach, string expected) => Assert.StartsWith(
        expected, ReplayTable.Sentence(new ReplayOutcome(7, 3, 2, [], [], outOfReach), isDryRun), StringComparison.Ordinal);

    [Fact]
    public void Line_OfProgressThatWaits_SaysForWhat() => Assert.Equal(
        "1 of 7 looked at, 0 put back; waits: the disk is full", ReplayTable.Line(new ReplayedSoFar(1, 7, 0, "the disk is full")));
}
