using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Hub;

/// <summary>How files come from the hub: broken off, damaged, too large, kept, and not for everybody.</summary>
public sealed class HubDownloadTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public async ValueTask DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Fetch_ConnectionBreaks_GoesOnWhereItWas()
    {
        (_bench.Hub.BreakAfter, _bench.Hub.Breaks) = (1000, 2);

        await _bench.GetAsync();

        Assert.Equal(
            ["", "bytes=1000-", "bytes=2000-"],
            _bench.Hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);
    }

    [Fact]
    public async Task Fetch_InterruptedAndAgain_FetchesOnlyTheRest()
    {
        (_bench.Hub.BreakAfter, _bench.Hub.Breaks) = (1000, 1);
        using var stop = new CancellationTokenSource();
        var hub = _bench.Settings() with { Pause = TimeSpan.FromHours(1) };
        var first = _bench.GetAsync(hub: hub, cancellation: stop.Token);
        await Until.TrueAsync(() =>
            Task.FromResult(Directory.GetFiles(_bench.Folder, "model.onnx.incomplete", SearchOption.AllDirectories)
                .Any(f => new FileInfo(f).Length == _bench.Hub.BreakAfter)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _bench.Hub.Requests.Clear();

        await _bench.GetAsync();

        Assert.Contains(_bench.Hub.Requests, r =>
            r.StartsWith("delivery", StringComparison.Ordinal) && r.Contains("bytes=", StringComparison.Ordinal));
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);
    }

    [Fact]
    public async Task Fetch_RestAskedForAndAllGiven_IsNotAppended()
    {
        (_bench.Hub.BreakAfter, _bench.Hub.Breaks, _bench.Hub.IgnoresRanges) = (1000, 1, true);

        await _bench.GetAsync();

        Assert.Equal(2, _bench.Hub.Requests.Count(r => r.StartsWith("delivery", StringComparison.Ordinal)));
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);
    }

    [Fact]
    public async Task Fetch_OtherPartThanAskedFor_StartsAgain()
    {
        (_bench.Hub.BreakAfter, _bench.Hub.Breaks, _bench.Hub.Shift) = (1000, 1, 1);

        await _bench.GetAsync();

        Assert.Equal(
            ["", "bytes=1000-", ""],
            _bench.Hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);
    }

    [Fact]
    public async Task Fetch_HubFallsSilent_GoesOnWhereItWas()
    {
        (_bench.Hub.BreakAfter, _bench.Hub.Stalls) = (1000, 1);

        await _bench.GetAsync(hub: _bench.Settings() with { Patience = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(
            ["", "bytes=1000-"],
            _bench.Hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);
    }

    [Fact]
    public async Task Fetch_MoreThanAnOnnxFileHolds_IsRefusedBeforeItIsFetched()
    {
        _bench.Hub.ToldSize = 3_000_000_000;

        var e = await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync());

        Assert.Contains("onnx/model.onnx has 3,000.0 MB", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Directory.GetFiles(_bench.Folder, "model.onnx*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
    }

    [Fact]
    public async Task Fetch_OtherSizeThanTold_IsRefused()
    {
        _bench.Hub.ToldSize = _bench.Hub.Files["onnx/model.onnx"].Length - 1;

        var e = await Assert.ThrowsAsync<IOException>(() => _bench.GetAsync());

        Assert.Contains("onnx/model.onnx arrived damaged twice", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escaped.bin")]
    [InlineData("/escaped.bin")]
    [InlineData("a/../../../escaped.bin")]
    public async Task Fetch_WeightsOutsideOfTheRepository_AreNeitherAskedForNorWritten(string location)
    {
        (_bench.Hub.Files["onnx/model.onnx"], var weights) = HubGraphs.Split(HubGraphs.Vit(), location);
        _bench.Hub.Files["onnx/" + location] = weights;
        _bench.Hub.Files[location] = weights;

        var e = await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync());

        Assert.Contains($"hf:shop/net has no file onnx/{location}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_bench.Hub.Requests, r => r.Contains("escaped", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_bench.Folder, "escaped.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Fetch_DamagedOnce_IsFetchedAgainAndTwiceIsRefused()
    {
        _bench.Hub.Damaged = 1;
        await _bench.GetAsync();
        Assert.Equal(HubGraphs.Width, _bench.Feature().Length);

        _bench.Hub.Damaged = 2;
        File.Delete(_bench.Out);
        var e = await Assert.ThrowsAsync<IOException>(() => _bench.GetAsync(folder: "elsewhere"));
        Assert.Contains("onnx/model.onnx arrived damaged twice", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_bench.Out));
    }

    [Fact]
    public async Task Fetch_FetchedBefore_NeedsNoHubUnlessItsFileIsDamaged()
    {
        await _bench.GetAsync();
        var (bytes, offline) = (
            await File.ReadAllBytesAsync(_bench.Out),
            _bench.Settings() with { IsOffline = true, Endpoint = new Uri("http://127.0.0.1:9/") });
        _bench.Hub.Requests.Clear();

        await _bench.GetAsync(hub: offline);

        Assert.Empty(_bench.Hub.Requests);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(_bench.Out));
        var kept = Directory.GetFiles(_bench.Folder, "model.onnx", SearchOption.AllDirectories).Single();
        await File.AppendAllTextAsync(kept, "x");
        var e = await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync(hub: offline));
        Assert.Contains(
            "HF_HUB_OFFLINE is set, and hf:shop/net its file onnx/model.onnx was not fetched before", e.Message, StringComparison.Ordinal);
        await _bench.GetAsync();
    }

    [Fact]
    public async Task Fetch_Gated_NeedsTheTokenWhichOnlyTheHubSees()
    {
        _bench.Hub.IsGated = true;
        var e = await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync());
        Assert.Contains("give a token in HF_TOKEN", e.Message, StringComparison.Ordinal);

        await _bench.GetAsync(hub: _bench.Settings() with { Token = HubServer.Token });

        Assert.Contains(_bench.Hub.Requests, r =>
            r.StartsWith("hub", StringComparison.Ordinal) && r.EndsWith("token", StringComparison.Ordinal));
        Assert.DoesNotContain(_bench.Hub.Requests, r =>
            r.StartsWith("delivery", StringComparison.Ordinal) && r.EndsWith("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Fetch_HubFailsAtFirst_AsksAgainAndGivesUpInTheEnd()
    {
        _bench.Hub.Failures = 2;
        await _bench.GetAsync();

        _bench.Hub.Failures = 5;
        var e = await Assert.ThrowsAsync<IOException>(() => _bench.GetAsync());
        Assert.Contains("answered 503", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf:shop/nothing", "is not there")]
    [InlineData("hf:hidden/net", "is not for everybody (401), or does not exist")]
    public async Task Fetch_NoSuchRepository_SaysSo(string name, string told) =>
        Assert.Contains(
            told, (await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync(name: name))).Message, StringComparison.Ordinal);
}
