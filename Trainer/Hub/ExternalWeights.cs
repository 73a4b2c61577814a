using System.Globalization;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;

namespace CpfPipeline.Trainer.Hub;

/// <summary>Weights that an ONNX file keeps in other files.</summary>
internal static class ExternalWeights
{
    /// <summary>The files, by their path from the graph's folder.</summary>
    public static IReadOnlyList<string> LocationsOf(ModelProto model) =>
        [.. Tensors(model).Select(t => Entry(t, "location") ?? "").Distinct(StringComparer.Ordinal)];

    /// <summary>Puts them into the graph.</summary>
    /// <param name="model">Changed.</param>
    /// <param name="pathOf">Where a file is on this machine.</param>
    /// <param name="maxBytes">Most bytes of all weights, which may be more than their files have: weights may share bytes.</param>
    /// <param name="name">What to call the graph in messages.</param>
    /// <exception cref="ModelFileException">A weight lies outside of its file, or all are too large.</exception>
    public static void Inline(ModelProto model, Func<string, string> pathOf, long maxBytes, string name)
    {
        var left = maxBytes;
        foreach (var tensor in Tensors(model))
        {
            using var file = File.OpenRead(pathOf(Entry(tensor, "location") ?? ""));
            var offset = Number(tensor, "offset") ?? 0;
            var length = Number(tensor, "length") ?? file.Length - offset;
            if (offset < 0 || length is < 0 or > int.MaxValue || offset > file.Length - length)
            {
                throw new ModelFileException($"{name}: the weight {tensor.Name} lies outside of {Entry(tensor, "location")}");
            }

            left -= length;
            if (left < 0)
            {
                throw new ModelFileException(FormattableString.Invariant(
                    $"{name}: its weights have more than {maxBytes / 1e6:#,0.0} MB, which is all that an ONNX file holds"));
            }

            var bytes = new byte[length];
            file.Position = offset;
            file.ReadExactly(bytes);
            tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
            tensor.DataLocation = TensorProto.Types.DataLocation.Default;
            tensor.ExternalData.Clear();
        }
    }

    private static IEnumerable<TensorProto> Tensors(ModelProto model) => model.Graph.Initializer
        .Concat(model.Graph.Node.SelectMany(n => n.Attribute).Where(a => a.T is not null).Select(a => a.T))
        .Where(t => t.DataLocation == TensorProto.Types.DataLocation.External);

    private static string? Entry(TensorProto tensor, string key) => tensor.ExternalData.FirstOrDefault(e => e.Key == key)?.Value;

    private static long? Number(TensorProto tensor, string key) =>
        long.TryParse(Entry(tensor, key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null;
}
