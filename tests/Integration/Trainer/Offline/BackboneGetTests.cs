using System.Text;
using CpfPipeline.CommandLine;
using CpfPipeline.Tests.Integration.Trainer.Hub;
using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>What becomes of a repository: which graph, input and output, and what is refused.</summary>
public sealed class BackboneGetTests : IAsyncLifetime
{
    private HubBench _bench = null!;

    public async ValueTask InitializeAsync() => _bench = await HubBench.StartAsync();

    public async ValueTask DisposeAsync() => await _bench.DisposeAsync();

    [Fact]
    public async Task Get_Vit_IsABackboneOfItsClassTokenWithItsOrigin()
    {
        var output = await _bench.GetAsync();

        var spec = BackboneFile.Load(_bench.Out).Spec;
        Assert.Equal(
            (HubGraphs.Width, 32, 40, ResizeKernel.Bicubic), (spec.FeatureDim, spec.Input.Height, spec.Input.Edge, spec.Input.Kernel));
        Assert.Contains($"hf:shop/net@{HubServer.Commit} onnx/model.onnx, SHA-256 ", spec.Provenance, StringComparison.Ordinal);
        Assert.Contains("licence mit", output, StringComparison.Ordinal);
        var file = ModelFile.Parse(await File.ReadAllBytesAsync(_bench.Out), _bench.Out);
        Assert.Equal("mit", ModelFile.ReadMetadata(file)[ModelFile.LicenceKey]);
        var tokens = HubBench.Reference(HubGraphs.Vit(), "last_hidden_state");
        Assert.Equal(Rounded(tokens.Take(HubGraphs.Width)), _bench.Feature());
    }

    [Fact]
    public async Task Get_MeanOfPatches_LeavesTheClassTokenOut()
    {
        await _bench.GetAsync(new HubOptions { Pool = "mean" });

        var tokens = HubBench.Reference(HubGraphs.Vit(), "last_hidden_state").Skip(HubGraphs.Width).Chunk(HubGraphs.Width).ToList();
        var mean = Enumerable.Range(0, HubGraphs.Width).Select(i => (float)tokens.Average(t => (double)t[i]));
        Assert.All(mean.Zip(_bench.Feature()), p => Assert.Equal(p.First, (float)p.Second, 2e-3f));
    }

    [Fact]
    public async Task Get_Map_IsAveraged()
    {
        _bench.Hub.Files["onnx/model.onnx"] = HubGraphs.ConvNext();

        await _bench.GetAsync();

        var maps = HubBench.Reference(HubGraphs.ConvNext(), "last_hidden_state").Chunk(64);
        Assert.All(maps.Zip(_bench.Feature()), p => Assert.Equal(p.First.Average(), (float)p.Second, 2e-3f));
    }

    [Fact]
    public async Task Get_TwoTowers_KeepsTheImageTowerAlone()
    {
        _bench.Hub.Files["onnx/model.onnx"] = HubGraphs.Clip();

        await _bench.GetAsync();

        var model = ModelFile.Parse(await File.ReadAllBytesAsync(_bench.Out), _bench.Out);
        Assert.Equal(["pixel_values"], model.Graph.Input.Select(i => i.Name));
        Assert.Equal([FeatureOutput.Name], model.Graph.Output.Select(o => o.Name));
        Assert.Equal(8, BackboneFile.Load(_bench.Out).Spec.FeatureDim);
        Assert.Equal(8, _bench.Feature().Length);
    }

    [Fact]
    public async Task Get_WeightsInOtherFiles_IsOneFile()
    {
        var files = _bench.Hub.Files;
        (files["onnx/model.onnx"], files["onnx/model.onnx_data"]) = HubGraphs.Split(HubGraphs.Vit(), "model.onnx_data");
        await _bench.GetAsync();
        var apart = _bench.Feature();

        _bench.Hub.Files["onnx/model.onnx"] = HubGraphs.Vit();
        await _bench.GetAsync(folder: "elsewhere");
        Assert.Equal(_bench.Feature(), apart);
    }

    [Fact]
    public async Task Get_WhatDoesNotFit_IsRefusedByName()
    {
        Assert.Contains(
            "dinov2-small, dinov2-base",
            (await Assert.ThrowsAsync<UsageException>(() => _bench.GetAsync(name: "dinov9"))).Message, StringComparison.Ordinal);
        await RefusedAsync("no output logits; it has last_hidden_state", new() { Feature = "logits" });
        await RefusedAsync("hf:shop/net has no file other.onnx", new() { File = "other.onnx" });
        _bench.Hub.Files["preprocessor_config.json"] = Encoding.UTF8.GetBytes(
            HubBench.Config.Replace("\"do_resize\": true", "\"do_resize\": true, \"max_num_patches\": 256", StringComparison.Ordinal));
        await RefusedAsync("max_num_patches cannot be followed", new());
        _bench.Hub.Files.Remove("preprocessor_config.json");
        await RefusedAsync("has no preprocessor_config.json", new());
        _bench.Hub.Files.Remove("onnx/model.onnx");
        await RefusedAsync("none of the graphs onnx/model.onnx, onnx/vision_model.onnx, model.onnx", new());

        async Task RefusedAsync(string told, HubOptions options)
        {
            var e = await Assert.ThrowsAsync<ModelFileException>(() => _bench.GetAsync(options, folder: Guid.NewGuid().ToString()));
            Assert.Contains(told, e.Message, StringComparison.Ordinal);
            Assert.False(File.Exists(_bench.Out));
        }
    }

    private static Half[] Rounded(IEnumerable<float> values) => [.. values.Select(v => (Half)v)];
}
