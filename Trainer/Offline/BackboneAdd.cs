using System.Globalization;
using CpfPipeline.CommandLine;
using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;
using Google.Protobuf;

namespace CpfPipeline.Trainer.Offline;

/// <summary>
/// <c>backbone add</c>: a plain ONNX file and what its author knows about it, to a backbone file that is checked by running it.
/// </summary>
internal static class BackboneAdd
{
    public static int Run(BackboneAddSettings settings, TextWriter output)
    {
        var input = ReadInput(settings);
        var feature = settings.Feature;
        var (model, bytes) = ModelFile.Read(settings.In);
        var inputName = GraphCheck.PixelInput(model, settings.In, input.Height, input.Width);
        GraphCheck.FloatOutput(model, settings.In, feature, halfToo: true);

        var provenance = settings.Provenance
            ?? $"{Path.GetFileName(settings.In)}, SHA-256 {Convert.ToHexStringLower(ModelFile.Sha256(bytes))}";
        var dim = GraphProbe.FeatureDim(bytes, input, inputName, feature, settings.In);
        var spec = new BackboneSpec(input, inputName, feature, dim, provenance);
        ModelFile.WriteMetadata(model, spec);
        var result = model.ToByteArray();
        BackboneFile.Load(result, settings.Out);
        File.WriteAllBytes(settings.Out, result);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{settings.Out}: input {inputName} [N,3,{input.Height},{input.Width}] {input.ResizeText}, feature {feature} [N,{dim}], "
                + $"{result.Length} bytes"));
        return 0;
    }

    private static InputSpec ReadInput(BackboneAddSettings settings)
    {
        if (!ModelMetadata.TryParseSize(settings.Size, out var size))
        {
            throw new UsageException($"--size is \"{settings.Size}\", not a size like 224 or 224x160 (height x width)");
        }

        var resize = settings.Resize == "squash" ? ResizeRule.Squash : ResizeRule.ShorterSide;
        var std = Triple("--std", settings.Std);
        if (!std.All(v => v > 0))
        {
            throw new UsageException("--std must be above 0");
        }

        return new InputSpec(size.Height, size.Width, resize, Triple("--mean", settings.Mean), std)
        {
            Edge = Edge(settings, Math.Max(size.Height, size.Width)),
            Kernel = Enum.Parse<ResizeKernel>(settings.Kernel, ignoreCase: true),
            Divisor = settings.Divisor ?? InputSpec.ByteRange,
            Channels = Enum.Parse<ChannelOrder>(settings.Channels, ignoreCase: true),
        };
    }

    private static int? Edge(BackboneAddSettings settings, int side)
    {
        if (settings is { ResizeEdge: null, CropPercent: null })
        {
            return null;
        }

        if (settings is { ResizeEdge: not null, CropPercent: not null } || settings.Resize == "squash")
        {
            throw new UsageException("give one of --resize-edge and --crop-percent, and only with --resize shorter-side");
        }

        var edge = settings.ResizeEdge ?? (int)(side * 100 / settings.CropPercent!.Value);
        return edge >= side
            ? edge : throw new UsageException($"--resize-edge is {edge}, less than the size: the centre could not be cut out");
    }

    private static float[] Triple(string option, string text) => ModelMetadata.TryParseTriple(text, out var values)
        ? values
        : throw new UsageException($"{option} is \"{text}\", not three numbers with commas between");
}
