using System.Globalization;
using CpfPipeline.Vision.Models;
using Google.Protobuf;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone add</c>: a plain ONNX file and what its author knows about it, to a backbone file that is checked by running it.</summary>
internal static class BackboneAdd
{
    public static int Run(Arguments arguments, TextWriter output)
    {
        var input = ReadInput(arguments);
        var feature = arguments.Required("feature");
        var (model, bytes) = ModelFile.Read(arguments[0]);
        var inputName = GraphCheck.PixelInput(model, arguments[0], input.Height, input.Width);
        GraphCheck.FloatOutput(model, arguments[0], feature);

        var provenance = arguments.Optional("provenance")
            ?? $"{Path.GetFileName(arguments[0])}, SHA-256 {Convert.ToHexStringLower(ModelFile.Sha256(bytes))}";
        var dim = FeatureProbe.Run(bytes, input, inputName, feature, arguments[0]);
        var spec = new BackboneSpec(input, inputName, feature, dim, provenance);
        ModelFile.WriteMetadata(model, spec.ToMetadata());
        var result = model.ToByteArray();
        BackboneFile.Load(result, arguments[1]);
        File.WriteAllBytes(arguments[1], result);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{arguments[1]}: input {inputName} [N,3,{input.Height},{input.Width}] {input.ResizeText}, feature {feature} [N,{dim}], {result.Length} bytes"));
        return 0;
    }

    private static InputSpec ReadInput(Arguments arguments)
    {
        if (!ModelMetadata.TryParseSize(arguments.Required("size"), out var size))
        {
            throw new UsageException($"--size is \"{arguments.Required("size")}\", not a size like 224 or 224x160 (height x width)");
        }

        var resize = arguments.Required("resize") switch
        {
            "squash" => ResizeRule.Squash,
            "shorter-side" => ResizeRule.ShorterSide,
            var other => throw new UsageException($"--resize is \"{other}\", not squash or shorter-side"),
        };
        var std = Triple(arguments, "std");
        return std.All(v => v > 0)
            ? new InputSpec(size.Height, size.Width, resize, Triple(arguments, "mean"), std)
            : throw new UsageException("--std must be above 0");
    }

    private static float[] Triple(Arguments arguments, string option) =>
        ModelMetadata.TryParseTriple(arguments.Required(option), out var values)
            ? values
            : throw new UsageException($"--{option} is \"{arguments.Required(option)}\", not three numbers with commas between");
}
