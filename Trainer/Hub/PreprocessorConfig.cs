using System.Globalization;
using System.Text.Json;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Hub;

/// <summary>Reads <c>preprocessor_config.json</c>: how pictures are brought to what a network was trained on.</summary>
internal static class PreprocessorConfig
{
    // Below it ConvNeXt's processor crops a share of the edge; from it on it squashes.
    private const int ConvNextSquashFrom = 384;
    private const double ConvNextCrop = 224.0 / 256;

    // What makes the number of patches depend on the picture, or pictures keep their aspect.
    private static readonly string[] NotRepresentable =
    [
        "max_num_patches", "max_patches", "min_pixels", "max_pixels", "temporal_patch_size", "size_divisor", "keep_aspect_ratio",
        "image_grid_pinpoints",
    ];

    // Steps that are either followed, or have no part in the pixels of one picture.
    private static readonly string[] KnownSteps =
    [
        "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_flip_channel_order", "do_convert_rgb", "do_reduce_labels",
        "do_convert_annotations",
    ];

    /// <param name="json">The file.</param>
    /// <param name="name">What to call it in messages.</param>
    /// <exception cref="ModelFileException">It asks for something that an input specification cannot say; names it.</exception>
    public static InputSpec Parse(string json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Parse(new Fields(document.RootElement, name)) : throw new ModelFileException($"{name} is no JSON object");
        }
        catch (JsonException e)
        {
            throw new ModelFileException($"{name} is no JSON: {e.Message}", e);
        }
    }

    private static InputSpec Parse(Fields fields)
    {
        foreach (var key in NotRepresentable)
        {
            if (fields.Find(key) is { ValueKind: not (JsonValueKind.False or JsonValueKind.Null) })
            {
                throw fields.Refuse(key, "pictures of different aspects would differ in size, or in their number of patches");
            }
        }

        if (fields.Steps.FirstOrDefault(s => !KnownSteps.Contains(s)) is { } step)
        {
            throw fields.Refuse(step, "it is no step that this command knows");
        }

        if (!fields.Flag("do_resize", true))
        {
            throw fields.Refuse("do_resize", "pictures would keep their size");
        }

        var rescales = fields.Flag("do_rescale", true);
        var divisor = rescales ? Divisor(fields.Number("rescale_factor", 1 / InputSpec.ByteRange)) : 1;
        var offset = rescales && fields.Flag("rescale_offset", false) ? 1f : 0;
        var normalises = fields.Flag("do_normalize", true);
        var (mean, std) = normalises ? (fields.Triple("image_mean"), fields.Triple("image_std")) : ([0, 0, 0], [1, 1, 1]);
        if (std.Any(v => v <= 0))
        {
            throw fields.Refuse("image_std", "it must be above 0");
        }

        // EfficientNet divides once more, unless it was made without its last layer.
        if (fields.IsOf("EfficientNet") && fields.Flag("include_top", true))
        {
            std = [.. std.Select(s => s * s)];
        }

        return Framed(fields, [.. mean.Select(m => m + offset)], std) with
        {
            Kernel = KernelOf(fields),
            Divisor = divisor,
            Channels = fields.Flag("do_flip_channel_order", false) ? ChannelOrder.Bgr : ChannelOrder.Rgb,
        };
    }

    private static InputSpec Framed(Fields fields, float[] mean, float[] std)
    {
        var size = fields.Find("size") ?? throw fields.Refuse("size", "it is missing");
        var crops = fields.Flag("do_center_crop", false);
        if (EdgeOf(fields, size, crops) is { } edge)
        {
            var isConvNext = fields.Find("crop_pct") is not null || fields.IsOf("ConvNext");
            if (isConvNext)
            {
                return edge < ConvNextSquashFrom
                    ? Cropped(edge, edge, (int)(edge / fields.Number("crop_pct", ConvNextCrop)))
                    : new InputSpec(edge, edge, ResizeRule.Squash, mean, std);
            }

            if (!crops)
            {
                throw fields.Refuse("size.shortest_edge", "without a crop pictures would keep their aspect");
            }

            var (height, width) = fields.Find("crop_size") is { } crop ? fields.Rectangle("crop_size", crop) : (edge, edge);
            return Math.Max(height, width) <= edge
                ? Cropped(height, width, edge) : throw fields.Refuse("crop_size", $"it is larger than the edge of {edge}");
        }

        var (rows, columns) = fields.Rectangle("size", size);
        return !crops || fields.Find("crop_size") is not { } same || fields.Rectangle("crop_size", same) == (rows, columns)
            ? new InputSpec(rows, columns, ResizeRule.Squash, mean, std)
            : throw fields.Refuse("crop_size", "a crop after pictures were squashed");

        InputSpec Cropped(int height, int width, int edge) => new(height, width, ResizeRule.ShorterSide, mean, std) { Edge = edge };
    }

    // A number alone is an edge where something is cut out, else both sides.
    private static int? EdgeOf(Fields fields, JsonElement size, bool crops)
    {
        if (size.ValueKind == JsonValueKind.Number)
        {
            return crops || fields.Find("crop_pct") is not null ? fields.Pixels("size", size) : null;
        }

        if (size.ValueKind != JsonValueKind.Object)
        {
            throw fields.Refuse("size", "it is neither a number nor an object");
        }

        foreach (var entry in size.EnumerateObject())
        {
            if (entry.Name is not ("height" or "width" or "shortest_edge"))
            {
                throw fields.Refuse($"size.{entry.Name}", "pictures of different aspects would differ in size");
            }
        }

        return size.TryGetProperty("shortest_edge", out var edge) ? fields.Pixels("size.shortest_edge", edge) : null;
    }

    // A factor of 0.00392156862745098 is meant to be 1/255.
    private static double Divisor(double factor)
    {
        var divisor = 1 / factor;
        return Math.Abs(divisor - Math.Round(divisor, 3)) < 1e-6 ? Math.Round(divisor, 3) : divisor;
    }

    private static ResizeKernel KernelOf(Fields fields) => fields.Find("resample") switch
    {
        null => fields.IsOf("CLIP") || fields.IsOf("Bit") || fields.IsOf("Siglip") ? ResizeKernel.Bicubic : ResizeKernel.Bilinear,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble() switch
        {
            0 => ResizeKernel.Nearest,
            1 => ResizeKernel.Lanczos,
            2 => ResizeKernel.Bilinear,
            3 => ResizeKernel.Bicubic,
            var other => throw fields.Refuse("resample", string.Create(CultureInfo.InvariantCulture, $"kernel {other} is not known")),
        },
        var other => throw fields.Refuse("resample", $"{other} is no number"),
    };

    /// <summary>The file's entries.</summary>
    private sealed class Fields(JsonElement root, string name)
    {
        /// <summary>The steps that are taken: flags that are set.</summary>
        public IEnumerable<string> Steps => root.EnumerateObject()
            .Where(e => e.Name.StartsWith("do_", StringComparison.Ordinal) && e.Value.ValueKind == JsonValueKind.True).Select(e => e.Name);

        /// <summary>Whether a family's processor reads this file.</summary>
        public bool IsOf(string family) =>
            (Find("image_processor_type") ?? Find("feature_extractor_type")) is { ValueKind: JsonValueKind.String } type
            && type.GetString()!.StartsWith(family, StringComparison.OrdinalIgnoreCase);

        public JsonElement? Find(string key) =>
            root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

        public bool Flag(string key, bool otherwise) => Find(key) switch
        {
            null => otherwise,
            { ValueKind: JsonValueKind.True } => true,
            { ValueKind: JsonValueKind.False } => false,
            _ => throw Refuse(key, "it is neither true nor false"),
        };

        public double Number(string key, double otherwise) => Find(key) switch
        {
            null => otherwise,
            { ValueKind: JsonValueKind.Number } value when value.GetDouble() > 0 => value.GetDouble(),
            _ => throw Refuse(key, "it is no number above 0"),
        };

        public float[] Triple(string key) =>
            Find(key) is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() == 3
            && list.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Number)
                ? [.. list.EnumerateArray().Select(v => v.GetSingle())]
                : throw Refuse(key, "it is no list of three numbers");

        public (int Height, int Width) Rectangle(string key, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Object)
            {
                return value.TryGetProperty("height", out var height) && value.TryGetProperty("width", out var width)
                    ? (Pixels(key, height), Pixels(key, width)) : throw Refuse(key, "it has no height and width");
            }

            var side = Pixels(key, value);
            return (side, side);
        }

        public int Pixels(string key, JsonElement value) =>
            value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var pixels) && pixels is > 0 and <= 4096
                ? pixels : throw Refuse(key, "it is no number of pixels up to 4096");

        public ModelFileException Refuse(string key, string why) => new($"{name}: {key} cannot be followed: {why}");
    }
}
