using System.Text;
using CpfPipeline.CommandLine;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer.Hub;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Hub;

public sealed class BackboneGetTests : IAsyncLifetime
{
    private const string Config = """
        {"do_resize": true, "size": {"shortest_edge": 40}, "do_center_crop": true, "crop_size": {"height": 32, "width": 32}, "resample": 3,
         "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.485, 0.456, 0.406],
         "image_std": [0.229, 0.224, 0.225]}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-integration-").FullName;
    private HubServer _hub = null!;

    private string Out => Path.Combine(_folder, "out.onnx");

    public async ValueTask InitializeAsync()
    {
        _hub = await HubServer.StartAsync();
        _hub.Files["preprocessor_config.json"] = Encoding.UTF8.GetBytes(Config);
        _hub.Files["onnx/model.onnx"] = HubGraphs.Vit();
    }

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Get_Vit_IsABackboneOfItsClassTokenWithItsOrigin()
    {
        var output = await GetAsync();

        var spec = BackboneFile.Load(Out).Spec;
        Assert.Equal(
            (HubGraphs.Width, 32, 40, ResizeKernel.Bicubic), (spec.FeatureDim, spec.Input.Height, spec.Input.Edge, spec.Input.Kernel));
        Assert.Contains($"hf:shop/net@{HubServer.Commit} onnx/model.onnx, SHA-256 ", spec.Provenance, StringComparison.Ordinal);
        Assert.Contains("licence mit", output, StringComparison.Ordinal);
        Assert.Equal("mit", ModelFile.ReadMetadata(ModelFile.Parse(await File.ReadAllBytesAsync(Out), Out))[ModelFile.LicenceKey]);
        var tokens = Reference(HubGraphs.Vit(), "last_hidden_state");
        Assert.Equal(Rounded(tokens.Take(HubGraphs.Width)), Feature());
    }

    [Fact]
    public async Task Get_MeanOfPatches_LeavesTheClassTokenOut()
    {
        await GetAsync(new() { Pool = "mean" });

        var tokens = Reference(HubGraphs.Vit(), "last_hidden_state").Skip(HubGraphs.Width).Chunk(HubGraphs.Width).ToList();
        var mean = Enumerable.Range(0, HubGraphs.Width).Select(i => (float)tokens.Average(t => (double)t[i]));
        Assert.All(mean.Zip(Feature()), p => Assert.Equal(p.First, (float)p.Second, 2e-3f));
    }

    [Fact]
    public async Task Get_Map_IsAveraged()
    {
        _hub.Files["onnx/model.onnx"] = HubGraphs.ConvNext();

        await GetAsync();

        var maps = Reference(HubGraphs.ConvNext(), "last_hidden_state").Chunk(64);
        Assert.All(maps.Zip(Feature()), p => Assert.Equal(p.First.Average(), (float)p.Second, 2e-3f));
    }

    [Fact]
    public async Task Get_TwoTowers_KeepsTheImageTowerAlone()
    {
        _hub.Files["onnx/model.onnx"] = HubGraphs.Clip();

        await GetAsync();

        var model = ModelFile.Parse(await File.ReadAllBytesAsync(Out), Out);
        Assert.Equal(["pixel_values"], model.Graph.Input.Select(i => i.Name));
        Assert.Equal([FeatureOutput.Name], model.Graph.Output.Select(o => o.Name));
        Assert.Equal(8, BackboneFile.Load(Out).Spec.FeatureDim);
        Assert.Equal(8, Feature().Length);
    }

    [Fact]
    public async Task Get_WeightsInOtherFiles_IsOneFile()
    {
        (_hub.Files["onnx/model.onnx"], _hub.Files["onnx/model.onnx_data"]) = HubGraphs.Split(HubGraphs.Vit(), "model.onnx_data");
        await GetAsync();
        var apart = Feature();

        _hub.Files["onnx/model.onnx"] = HubGraphs.Vit();
        await GetAsync(folder: "elsewhere");
        Assert.Equal(Feature(), apart);
    }

    [Fact]
    public async Task Get_ConnectionBreaks_GoesOnWhereItWas()
    {
        (_hub.BreakAfter, _hub.Breaks) = (1000, 2);

        await GetAsync();

        Assert.Equal(
            ["", "bytes=1000-", "bytes=2000-"],
            _hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, Feature().Length);
    }

    [Fact]
    public async Task Get_InterruptedAndAgain_FetchesOnlyTheRest()
    {
        (_hub.BreakAfter, _hub.Breaks) = (1000, 1);
        using var stop = new CancellationTokenSource();
        var hub = Settings() with { Pause = TimeSpan.FromHours(1) };
        var first = GetAsync(hub: hub, cancellation: stop.Token);
        await RunHarness.UntilAsync(() =>
            Task.FromResult(Directory.GetFiles(_folder, "model.onnx.incomplete", SearchOption.AllDirectories)
                .Any(f => new FileInfo(f).Length == _hub.BreakAfter)));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        _hub.Requests.Clear();

        await GetAsync();

        Assert.Contains(_hub.Requests, r =>
            r.StartsWith("delivery", StringComparison.Ordinal) && r.Contains("bytes=", StringComparison.Ordinal));
        Assert.Equal(HubGraphs.Width, Feature().Length);
    }

    [Fact]
    public async Task Get_RestAskedForAndAllGiven_IsNotAppended()
    {
        (_hub.BreakAfter, _hub.Breaks, _hub.IgnoresRanges) = (1000, 1, true);

        await GetAsync();

        Assert.Equal(2, _hub.Requests.Count(r => r.StartsWith("delivery", StringComparison.Ordinal)));
        Assert.Equal(HubGraphs.Width, Feature().Length);
    }

    [Fact]
    public async Task Get_OtherPartThanAskedFor_StartsAgain()
    {
        (_hub.BreakAfter, _hub.Breaks, _hub.Shift) = (1000, 1, 1);

        await GetAsync();

        Assert.Equal(
            ["", "bytes=1000-", ""],
            _hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, Feature().Length);
    }

    [Fact]
    public async Task Get_HubFallsSilent_GoesOnWhereItWas()
    {
        (_hub.BreakAfter, _hub.Stalls) = (1000, 1);

        await GetAsync(hub: Settings() with { Patience = TimeSpan.FromMilliseconds(300) });

        Assert.Equal(
            ["", "bytes=1000-"],
            _hub.Requests.Where(r => r.StartsWith("delivery", StringComparison.Ordinal)).Select(r => r.Split(' ')[2]));
        Assert.Equal(HubGraphs.Width, Feature().Length);
    }

    [Fact]
    public async Task Get_MoreThanAnOnnxFileHolds_IsRefusedBeforeItIsFetched()
    {
        _hub.ToldSize = 3_000_000_000;

        var e = await Assert.ThrowsAsync<ModelFileException>(() => GetAsync());

        Assert.Contains("onnx/model.onnx has 3,000.0 MB", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.GetFiles(_folder, "model.onnx*", SearchOption.AllDirectories), f => new FileInfo(f).Length > 0);
    }

    [Fact]
    public async Task Get_OtherSizeThanTold_IsRefused()
    {
        _hub.ToldSize = _hub.Files["onnx/model.onnx"].Length - 1;

        var e = await Assert.ThrowsAsync<IOException>(() => GetAsync());

        Assert.Contains("onnx/model.onnx arrived damaged twice", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escaped.bin")]
    [InlineData("/escaped.bin")]
    [InlineData("a/../../../escaped.bin")]
    public async Task Get_WeightsOutsideOfTheRepository_AreNeitherAskedForNorWritten(string location)
    {
        (_hub.Files["onnx/model.onnx"], var weights) = HubGraphs.Split(HubGraphs.Vit(), location);
        _hub.Files["onnx/" + location] = weights;
        _hub.Files[location] = weights;

        var e = await Assert.ThrowsAsync<ModelFileException>(() => GetAsync());

        Assert.Contains($"hf:shop/net has no file onnx/{location}", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_hub.Requests, r => r.Contains("escaped", StringComparison.Ordinal));
        Assert.Empty(Directory.GetFiles(_folder, "escaped.bin", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Get_DamagedOnce_IsFetchedAgainAndTwiceIsRefused()
    {
        _hub.Damaged = 1;
        await GetAsync();
        Assert.Equal(HubGraphs.Width, Feature().Length);

        _hub.Damaged = 2;
        File.Delete(Out);
        var e = await Assert.ThrowsAsync<IOException>(() => GetAsync(folder: "elsewhere"));
        Assert.Contains("onnx/model.onnx arrived damaged twice", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Out));
    }

    [Fact]
    public async Task Get_FetchedBefore_NeedsNoHubUnlessItsFileIsDamaged()
    {
        await GetAsync();
        var (bytes, offline) = (
            await File.ReadAllBytesAsync(Out), Settings() with { IsOffline = true, Endpoint = new Uri("http://127.0.0.1:9/") });
        _hub.Requests.Clear();

        await GetAsync(hub: offline);

        Assert.Empty(_hub.Requests);
        Assert.Equal(bytes, await File.ReadAllBytesAsync(Out));
        var kept = Directory.GetFiles(_folder, "model.onnx", SearchOption.AllDirectories).Single();
        await File.AppendAllTextAsync(kept, "x");
        var e = await Assert.ThrowsAsync<ModelFileException>(() => GetAsync(hub: offline));
        Assert.Contains(
            "HF_HUB_OFFLINE is set, and hf:shop/net its file onnx/model.onnx was not fetched before", e.Message, StringComparison.Ordinal);
        await GetAsync();
    }

    [Fact]
    public async Task Get_Gated_NeedsTheTokenWhichOnlyTheHubSees()
    {
        _hub.IsGated = true;
        var e = await Assert.ThrowsAsync<ModelFileException>(() => GetAsync());
        Assert.Contains("give a token in HF_TOKEN", e.Message, StringComparison.Ordinal);

        await GetAsync(hub: Settings() with { Token = HubServer.Token });

        Assert.Contains(_hub.Requests, r => r.StartsWith("hub", StringComparison.Ordinal) && r.EndsWith("token", StringComparison.Ordinal));
        Assert.DoesNotContain(_hub.Requests, r =>
            r.StartsWith("delivery", StringComparison.Ordinal) && r.EndsWith("token", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Get_HubFailsAtFirst_AsksAgainAndGivesUpInTheEnd()
    {
        _hub.Failures = 2;
        await GetAsync();

        _hub.Failures = 5;
        var e = await Assert.ThrowsAsync<IOException>(() => GetAsync());
        Assert.Contains("answered 503", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("hf:shop/nothing", "is not there")]
    [InlineData("hf:hidden/net", "is not for everybody (401), or does not exist")]
    public async Task Get_NoSuchRepository_SaysSo(string name, string told) =>
        Assert.Contains(told, (await Assert.ThrowsAsync<ModelFileException>(() => GetAsync(name: name))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Get_WhatDoesNotFit_IsRefusedByName()
    {
        Assert.Contains(
            "dinov2-small, dinov2-base",
            (await Assert.ThrowsAsync<UsageException>(() => GetAsync(name: "dinov9"))).Message, StringComparison.Ordinal);
        await RefusedAsync("no output logits; it has last_hidden_state", new() { Feature = "logits" });
        await RefusedAsync("hf:shop/net has no file other.onnx", new() { File = "other.onnx" });
        _hub.Files["preprocessor_config.json"] = Encoding.UTF8.GetBytes(
            Config.Replace("\"do_resize\": true", "\"do_resize\": true, \"max_num_patches\": 256", StringComparison.Ordinal));
        await RefusedAsync("max_num_patches cannot be followed", new());
        _hub.Files.Remove("preprocessor_config.json");
        await RefusedAsync("has no preprocessor_config.json", new());
        _hub.Files.Remove("onnx/model.onnx");
        await RefusedAsync("none of the graphs onnx/model.onnx, onnx/vision_model.onnx, model.onnx", new());

        async Task RefusedAsync(string told, Options options)
        {
            var e = await Assert.ThrowsAsync<ModelFileException>(() => GetAsync(options, folder: Guid.NewGuid().ToString()));
            Assert.Contains(told, e.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(Out));
        }
    }

    private HubSettings Settings(string folder = "hub") =>
        new(_hub.Endpoint, null, false, Path.Combine(_folder, folder)) { Pause = TimeSpan.Zero };

    private async Task<string> GetAsync(
        Options? options = null, string name = "hf:shop/net", HubSettings? hub = null, string folder = "hub",
        CancellationToken cancellation = default)
    {
        var output = new StringWriter();
        var settings = new BackboneGetSettings { Name = name, Out = Out, Pool = options?.Pool, Feature = options?.Feature,
            File = options?.File };
        var code = await BackboneGet.RunAsync(
            settings, hub ?? Settings(folder), new OfflineConsole(output, TextWriter.Null, TimeProvider.System), cancellation);
        Assert.Equal(0, code);
        return output.ToString();
    }

    private static PixelBatch Picture(InputSpec input)
    {
        var (batch, random) = (new PixelBatch(input, 1), new Random(5));
        foreach (ref var value in batch.Row(0))
        {
            value = random.NextSingle() - .5f;
        }

        return batch;
    }

    private Half[] Feature()
    {
        using var session = new BackboneSession(BackboneFile.Load(Out), new SessionSettings());
        var (feature, reasons) = (new Half[session.Spec.FeatureDim], new string?[1]);
        session.Run(Picture(session.Spec.Input), 1, feature, reasons);
        Assert.Null(reasons[0]);
        return feature;
    }

    private static Half[] Rounded(IEnumerable<float> values) => [.. values.Select(v => (Half)v)];

    // What the graph itself gives for the same picture.
    private static float[] Reference(byte[] graph, string output)
    {
        var input = new InputSpec(HubGraphs.Side, HubGraphs.Side, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        using var session = new InferenceSession(graph);
        using var pixels = OrtValue.CreateTensorValueFromMemory(Picture(input).Row(0).ToArray(), [1, 3, HubGraphs.Side, HubGraphs.Side]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["pixel_values"], [pixels], [output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }

    private sealed record Options
    {
        public string? Pool { get; init; }

        public string? Feature { get; init; }

        public string? File { get; init; }
    }
}
