using System.Text;
using CpfPipeline.Trainer.Hub;
using CpfPipeline.Trainer.Offline;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Hub;

/// <summary>A hub with one repository that holds a small vision transformer, and a folder to fetch it to.</summary>
internal sealed class HubBench : IAsyncDisposable
{
    public const string Config = """
        {"do_resize": true, "size": {"shortest_edge": 40}, "do_center_crop": true, "crop_size": {"height": 32, "width": 32}, "resample": 3,
         "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.485, 0.456, 0.406],
         "image_std": [0.229, 0.224, 0.225]}
        """;

    private HubBench(HubServer hub) => Hub = hub;

    public HubServer Hub { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    /// <summary>The backbone file that is written.</summary>
    public string Out => Path.Combine(Folder, "out.onnx");

    public static async Task<HubBench> StartAsync()
    {
        var bench = new HubBench(await HubServer.StartAsync());
        bench.Hub.Files["preprocessor_config.json"] = Encoding.UTF8.GetBytes(Config);
        bench.Hub.Files["onnx/model.onnx"] = HubGraphs.Vit();
        return bench;
    }

    public async ValueTask DisposeAsync()
    {
        await Hub.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    public HubSettings Settings(string folder = "hub") =>
        new(Hub.Endpoint, null, false, Path.Combine(Folder, folder)) { Pause = TimeSpan.Zero };

    public async Task<string> GetAsync(
        HubOptions? options = null, string name = "hf:shop/net", HubSettings? hub = null, string folder = "hub",
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

    public Half[] Feature()
    {
        using var session = new BackboneSession(BackboneFile.Load(Out), new SessionSettings());
        var (feature, reasons) = (new Half[session.Spec.FeatureDim], new string?[1]);
        session.Run(Picture(session.Spec.Input), 1, feature, reasons);
        Assert.Null(reasons[0]);
        return feature;
    }

    // What the graph itself gives for the same picture.
    public static float[] Reference(byte[] graph, string output)
    {
        var input = new InputSpec(HubGraphs.Side, HubGraphs.Side, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        using var session = new InferenceSession(graph);
        using var pixels = OrtValue.CreateTensorValueFromMemory(Picture(input).Row(0).ToArray(), [1, 3, HubGraphs.Side, HubGraphs.Side]);
        using var options = new RunOptions();
        using var outputs = session.Run(options, ["pixel_values"], [pixels], [output]);
        return outputs[0].GetTensorDataAsSpan<float>().ToArray();
    }
}
