using System.Security.Cryptography;
using CpfPipeline.Data.Probes;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Probes;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Probes;

/// <summary>A probe passes the guards that a submission passes, and leaves nothing.</summary>
public sealed class ProbeCheckTests(TestDatabases databases) : IAsyncLifetime
{
    private const string TooLong = "http://shop.example/long/";
    private readonly TaskCompletionSource _arrived = new();
    private readonly TaskCompletionSource _left = new();
    private WebApplication? _server;
    private int _asked;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _server = builder.Build();
        _server.MapGet("/ok", () => Results.Bytes(TestPictures.Gif(1)));
        _server.MapGet("/busy", (HttpResponse response) => { response.Headers.RetryAfter = "7"; return Results.StatusCode(429); });
        _server.MapGet("/down", () => Results.StatusCode(503));
        _server.MapGet("/counted", () => { Interlocked.Increment(ref _asked); return Results.Ok(); });
        _server.MapGet("/slow", async (CancellationToken token) =>
        {
            await using var left = token.Register(() => _left.TrySetResult());
            _arrived.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        });
        _server.MapGet("/small", () => Results.Bytes(TestPictures.Gif(1, side: 4)));
        _server.MapGet("/html", () => Results.Text("<html>"));
        _server.MapGet("/cut", () => Results.Bytes(TestPictures.Gif(1)[..7]));
        _server.MapGet("/large", () => Results.Bytes(new byte[5000]));
        _server.MapGet("/to-metadata", () => Results.Redirect("http://169.254.169.254/latest"));
        _server.MapGet("/loop", () => Results.Redirect("/loop"));
        await _server.StartAsync();
    }

    public async ValueTask DisposeAsync() => await _server!.DisposeAsync();

    [Theory]
    [InlineData("/small", RejectReasons.TooSmall)]
    [InlineData("/html", RejectReasons.UnsupportedFormat)]
    [InlineData("/cut", RejectReasons.Truncated)]
    [InlineData("/large", RejectReasons.TooManyBytes)]
    [InlineData("/to-metadata", RejectReasons.PrivateAddress)]
    [InlineData("/loop", RejectReasons.TooManyRedirects)]
    [InlineData("/nothing", RejectReasons.NotFound)]
    [InlineData("http://localhost:1/", RejectReasons.PrivateAddress)]
    [InlineData("http://192.168.1.1/a.png", RejectReasons.PrivateAddress)]
    [InlineData("ftp://example.com/a.png", RejectReasons.UnsupportedScheme)]
    [InlineData("no address", RejectReasons.InvalidUri)]
    [InlineData("http:/x", RejectReasons.InvalidUri)]
    [InlineData("http://256.0.0.1/a.png", RejectReasons.InvalidUri)]
    [InlineData("http://shop.example/\uFFFD.png", RejectReasons.InvalidEncoding)]
    [InlineData(TooLong, RejectReasons.InvalidSubmission)]
    public async Task CheckAsync_WhatASubmissionIsRefusedFor_IsRefusedInTheSameWords(string uri, string reason)
    {
        await using var harness = await HarnessAsync();
        var address = uri.StartsWith('/') ? $"{_server!.Urls.Single()}{uri}"
            : uri == TooLong ? uri.PadRight(SubmissionRule.MaxUriLength + 1, 'a') : uri;
        var submitted = await harness.Intake.TakeAsync(
            [SubmissionRule.ToEntry(new Submission { Source = "s", ExternalId = "e", Uri = address, SentAtMilliseconds = 1 })], Token);
        var (check, probes) = CheckOf(harness);

        var (passed, answer) = await RunAsync(check, probes, address);

        Assert.False(passed);
        Assert.Equal((reason, submitted[0].Change!.RejectDetail), (answer!.Reason, answer.Detail));
        Assert.Equal(reason, submitted[0].Reason);
    }

    [Fact]
    public async Task CheckAsync_WhatOperatorsMayName_IsRefused()
    {
        await using var harness = await HarnessAsync();
        harness.Options.FileRoots.Add(harness.Folder);
        var path = harness.Write("picture.gif", TestPictures.Gif(1));
        var (check, probes) = CheckOf(harness);

        var (passed, answer) = await RunAsync(check, probes, $"file://{path}");

        Assert.False(passed);
        Assert.Equal(RejectReasons.UnsupportedScheme, answer!.Reason);
        (passed, answer) = await RunAsync(check, probes, "s3://bucket/picture.gif");
        Assert.False(passed);
        Assert.Equal(RejectReasons.UnsupportedScheme, answer!.Reason);
    }

    [Fact]
    public async Task CheckAsync_GoodPicture_PassesAndTheDatabaseAndTheBlobsAreAsBefore()
    {
        await using var harness = await HarnessAsync();
        var (check, probes) = CheckOf(harness);

        Assert.Equal((true, null), await RunAsync(check, probes, $"{_server!.Urls.Single()}/ok"));
        var probe = Guid.NewGuid();
        await BeginAsync(probes, probe, TestPictures.Gif(2));
        Assert.True(await check.CheckAsync(probe, null, Token));
        Assert.Equal(TestPictures.Gif(2), await probes.ReadAsync(probe, ProbePart.Checked, Token));

        Assert.Equal(0L, await harness.Database.ScalarAsync<long>(
            "select (select count(*) from cpf.images) + (select count(*) from cpf.contents) + (select count(*) from cpf.outbox)"));
        Assert.False(Directory.Exists(Path.Combine(harness.Folder, "blobs")));

        // Whoever waited has gone: what comes late is not kept.
        await probes.DeleteAsync(probe, Token);
        Assert.False(await check.CheckAsync(probe, null, Token));
    }

    [Theory]
    [InlineData("/busy", 7)]
    [InlineData("/down", null)]
    public async Task CheckAsync_FailureThatMayPass_IsToldAsSuch(string path, int? seconds)
    {
        await using var harness = await HarnessAsync();
        var (check, probes) = CheckOf(harness);

        var (passed, answer) = await RunAsync(check, probes, $"{_server!.Urls.Single()}{path}");

        Assert.False(passed);
        Assert.True(answer!.MayRecover);
        Assert.Equal(seconds, (int?)answer.RetryAfter?.TotalSeconds);

        // The host's pause is the probes' own: a source asks it at once.
        var outcome = await harness.Fetcher.FetchAsync(
            $"{_server.Urls.Single()}/ok", "shop", null, TimeSpan.FromSeconds(5), Token);
        Assert.NotNull(outcome.Bytes);
    }

    [Fact]
    public async Task CheckAsync_NobodyWaitsAnyMore_TheHostIsLeftAlone()
    {
        await using var harness = await HarnessAsync();
        harness.Options.FetchTimeout = TimeSpan.FromMinutes(10);
        var (check, probes) = CheckOf(harness, new PatientClock());
        Assert.False(await check.CheckAsync(Guid.NewGuid(), $"{_server!.Urls.Single()}/counted", Token));
        Assert.Equal(0, _asked);

        var probe = Guid.NewGuid();
        await probes.BeginAsync(probe, Token);
        var checking = check.CheckAsync(probe, $"{_server.Urls.Single()}/slow", Token);
        await _arrived.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        await probes.DeleteAsync(probe, Token);

        await _left.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.False(await checking.WaitAsync(TimeSpan.FromSeconds(20), Token));
    }

    [Fact]
    public async Task CheckAsync_ErasedBytes_AreRefused()
    {
        await using var harness = await ErasureHarness.StartAsync(databases);
        var picture = TestPictures.Gif(7);
        await harness.SubmitAsync("e", 7);
        var sha256 = SHA256.HashData(picture);
        await harness.FinishAsync(await harness.RequestAsync(sha256), sha256);
        var (check, probes) = CheckOf(harness.Ingest);
        var probe = Guid.NewGuid();
        await BeginAsync(probes, probe, picture);

        Assert.False(await check.CheckAsync(probe, null, Token));

        var answer = ProbeAnswer.FromJson(await probes.ReadAsync(probe, ProbePart.Answer, Token));
        Assert.Equal(RejectReasons.Erased, answer.Reason);
    }

    private static (ProbeCheck Check, IProbeStore Probes) CheckOf(IngestHarness harness, TimeProvider? time = null)
    {
        var probes = new FolderProbeStore(Path.Combine(harness.Folder, "probes"));
        var options = Options.Create(harness.Options);
        return (new ProbeCheck(probes, harness.Fetcher, harness.Tombstones, options, time ?? TimeProvider.System), probes);
    }

    private static async Task BeginAsync(IProbeStore probes, Guid probe, byte[] picture)
    {
        await probes.BeginAsync(probe, Token);
        await probes.WriteAsync(probe, ProbePart.Received, picture, Token);
    }

    private static async Task<(bool Passed, ProbeAnswer? Answer)> RunAsync(ProbeCheck check, IProbeStore probes, string uri)
    {
        var probe = Guid.NewGuid();
        await probes.BeginAsync(probe, Token);
        var passed = await check.CheckAsync(probe, uri, Token);
        var answer = await probes.ReadAsync(probe, ProbePart.Answer, Token);
        Assert.Equal(passed, await probes.ExistsAsync(probe, ProbePart.Checked, Token));
        return (passed, answer is null ? null : ProbeAnswer.FromJson(answer));
    }

    private async Task<IngestHarness> HarnessAsync() => new(
        await databases.CreateAsync(Token), new IngestOptions { MaxImageBytes = 4000, AllowedPrivateHosts = ["127.0.0.1"] });

    /// <summary>The system's time, but what is bounded by the longest fetch goes on for ever.</summary>
    private sealed class PatientClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(
            callback, state, dueTime >= ProbeCheck.MaxFetch ? Timeout.InfiniteTimeSpan : dueTime, period);
    }
}
