using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Trainer.Hub;

/// <summary>Makes a backbone file of a repository of the hub.</summary>
/// <param name="client">The hub.</param>
/// <param name="progress">Told what is fetched: path, bytes, of how many.</param>
internal sealed class HubBackbone(HubClient client, Action<string, long, long?> progress)
{
    private const string ConfigName = "preprocessor_config.json";
    private const long MaxConfigBytes = 1 << 20;

    // Of a graph with its weights: less than an ONNX file can hold, since what is made of it is one file, with some more in it.
    private const long MaxModelBytes = int.MaxValue - (1 << 20);

    /// <summary>Where a graph is, by the hub's conventions, the best first.</summary>
    private static readonly string[] GraphNames = ["onnx/model.onnx", "onnx/vision_model.onnx", "model.onnx"];

    /// <param name="name">The repository.</param>
    /// <param name="file">Its graph; null: by the hub's conventions.</param>
    /// <param name="feature">The output to use; null: see <see cref="FeatureOutput.Choose"/>.</param>
    /// <param name="pooling">What becomes of tokens.</param>
    /// <param name="kernel">In place of the one that its configuration names; null: that one.</param>
    /// <param name="cancellationToken">Cancels; the same call continues from there.</param>
    /// <returns>The file and its licence.</returns>
    /// <exception cref="ModelFileException">It cannot be used, and why.</exception>
    /// <exception cref="IOException">The hub does not answer, or what it gives is damaged.</exception>
    public async Task<(BackboneFile File, HubModel Model)> MakeAsync(
        HubName name, string? file, string? feature, TokenPooling? pooling, ResizeKernel? kernel, CancellationToken cancellationToken)
    {
        var model = await client.DescribeAsync(name, cancellationToken);
        var graphPath = file ?? GraphNames.FirstOrDefault(model.Files.Contains)
            ?? throw new ModelFileException($"{name} has none of the graphs {string.Join(", ", GraphNames)}; name one with --file");
        if (!model.Files.Contains(ConfigName))
        {
            throw new ModelFileException($"{name} has no {ConfigName}: fetch the graph yourself and say with backbone add what it takes");
        }

        var config = await FetchAsync(name, model, ConfigName, MaxConfigBytes, cancellationToken);
        var input = PreprocessorConfig.Parse(await File.ReadAllTextAsync(config, cancellationToken), $"{name} {ConfigName}");
        input = input with { Kernel = kernel ?? input.Kernel };

        var local = await FetchAsync(name, model, graphPath, MaxModelBytes, cancellationToken);
        var (graph, label) = (Parse(await File.ReadAllBytesAsync(local, cancellationToken), $"{name} {graphPath}"), $"{name} {graphPath}");
        await InlineAsync(name, model, graphPath, graph, label, MaxModelBytes - new FileInfo(local).Length, cancellationToken);
        return (Finish(graph, label, input, feature, pooling, Metadata(name, model, graphPath, local)), model);
    }

    private static BackboneFile Finish(
        ModelProto graph, string label, InputSpec input, string? feature, TokenPooling? pooling, Dictionary<string, string> provenance)
    {
        var output = feature ?? FeatureOutput.Choose(graph, pooling, label);
        if (graph.Graph.Output.FirstOrDefault(o => o.Name == output) is not { } declared)
        {
            throw new ModelFileException(
                $"{label} has no output {output}; it has {string.Join(", ", graph.Graph.Output.Select(o => o.Name))}");
        }

        // Cut first: what the run of a two-tower network needs besides pixels must not be asked for.
        graph.Graph.Output.Clear();
        graph.Graph.Output.Add(declared);
        FeatureOutput.Prune(graph.Graph);
        var inputName = GraphCheck.PixelInput(graph, label, input.Height, input.Width);
        var shape = GraphProbe.Run(graph.ToByteArray(), input, inputName, output, label);
        FeatureOutput.Make(graph, output, shape, input, pooling, label);
        var dim = (int)(shape.Count == 3 ? shape[2] : shape[1]);
        ModelFile.WriteMetadata(
            graph, new BackboneSpec(input, inputName, FeatureOutput.Name, dim, provenance[ModelFile.ProvenanceKey]));
        ModelFile.WriteMetadata(graph, provenance.Where(p => p.Key != ModelFile.ProvenanceKey));
        var bytes = graph.ToByteArray();
        GraphProbe.Run(bytes, input, inputName, FeatureOutput.Name, label);
        return BackboneFile.Load(bytes, label);
    }

    private async Task InlineAsync(
        HubName name, HubModel model, string graphPath, ModelProto graph, string label, long left, CancellationToken cancellationToken)
    {
        var maxWeightBytes = left;
        var folder = graphPath.LastIndexOf('/') is var slash and >= 0 ? graphPath[..(slash + 1)] : "";
        var files = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var location in ExternalWeights.LocationsOf(graph))
        {
            files[location] = await FetchAsync(name, model, folder + location, left, cancellationToken);
            left -= new FileInfo(files[location]).Length;
        }

        ExternalWeights.Inline(graph, location => files[location], maxWeightBytes, label);
    }

    private Task<string> FetchAsync(HubName name, HubModel model, string path, long maxBytes, CancellationToken cancellationToken) =>
        client.FetchAsync(name, model, path, maxBytes, (done, of) => progress(path, done, of), cancellationToken);

    private static Dictionary<string, string> Metadata(HubName name, HubModel model, string graphPath, string local) => new()
    {
        [ModelFile.ProvenanceKey] =
            $"hf:{name.Owner}/{name.Name}@{model.Commit} {graphPath}, SHA-256 "
            + $"{Convert.ToHexStringLower(ModelFile.Sha256(File.ReadAllBytes(local)))}, licence {model.Licence ?? "not named"}",
        [ModelFile.LicenceKey] = model.Licence ?? "not named",
    };

    private static ModelProto Parse(byte[] bytes, string label)
    {
        try
        {
            var model = ModelProto.Parser.ParseFrom(bytes);
            return model.Graph is { Node.Count: > 0 }
                ? model : throw new ModelFileException($"{label} is not an ONNX file: it holds no graph");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelFileException($"{label} is not an ONNX file", e);
        }
    }
}
