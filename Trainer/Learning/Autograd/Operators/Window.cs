using CpfPipeline.Learning.Autograd.Nodes;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>How a kernel slides over height and width: the attributes that Conv and the pools share.</summary>
internal sealed class Window
{
    private readonly string _autoPad;
    private readonly long[] _pads;

    private Window(NodeReader node, long[] kernel, bool dilates)
    {
        Kernel = kernel;
        Strides = Pair(node, "strides");
        Dilations = dilates ? Pair(node, "dilations") : [1, 1];
        _autoPad = node.Text("auto_pad", "NOTSET");
        _pads = node.Integers("pads") ?? [0, 0, 0, 0];
        if (_autoPad is not ("NOTSET" or "VALID" or "SAME_UPPER" or "SAME_LOWER"))
        {
            throw node.Error($"has attribute auto_pad = \"{_autoPad}\", which the trainer does not support");
        }

        if (_pads.Length != 4 || _pads.Any(p => p < 0))
        {
            throw node.Error($"has attribute pads = [{string.Join(',', _pads)}], not four numbers of at least 0");
        }

        if (_autoPad != "NOTSET")
        {
            _pads = [0, 0, 0, 0];
        }
    }

    public long[] Kernel { get; }

    public long[] Strides { get; }

    public long[] Dilations { get; }

    /// <summary>Rows and columns added before.</summary>
    public long[] Before => [_pads[0], _pads[1]];

    /// <summary>Whether padding depends on the input's size.</summary>
    public bool IsSame => _autoPad.StartsWith("SAME", StringComparison.Ordinal);

    public bool IsNotSet => _autoPad == "NOTSET";

    /// <summary>The same padding on both sides, known at load.</summary>
    public bool IsSymmetric => !IsSame && _pads[0] == _pads[2] && _pads[1] == _pads[3];

    public static Window Read(NodeReader node, long[] kernel, bool dilates) =>
        kernel.Length == 2 && kernel.All(k => k > 0)
            ? new Window(node, kernel, dilates)
            : throw node.Error($"has a kernel [{string.Join(',', kernel)}], and the trainer supports two dimensions only");

    /// <summary>Rows and columns that the kernel covers.</summary>
    public long Extent(int axis) => ((Kernel[axis] - 1) * Dilations[axis]) + 1;

    /// <summary>Padding before and after for an input of a size, as height before, width before, height after, width after.</summary>
    public long[] Pads(long height, long width)
    {
        if (!IsSame)
        {
            return _pads;
        }

        var (h, w) = (Needed(0, height), Needed(1, width));
        var (less, more) = (new[] { h / 2, w / 2 }, new[] { h - (h / 2), w - (w / 2) });
        return _autoPad == "SAME_UPPER" ? [.. less, .. more] : [.. more, .. less];
    }

    /// <summary>Adds a border; negative amounts cut.</summary>
    public static Tensor Pad(Tensor x, long[] pads, double value) =>
        nn.functional.pad(x, [pads[1], pads[3], pads[0], pads[2]], TorchSharp.PaddingModes.Constant, value);

    private long Needed(int axis, long size)
    {
        var outputs = (size + Strides[axis] - 1) / Strides[axis];
        return Math.Max(((outputs - 1) * Strides[axis]) + Extent(axis) - size, 0);
    }

    private static long[] Pair(NodeReader node, string name)
    {
        var values = node.Integers(name) ?? [1, 1];
        return values.Length == 2 && values.All(v => v > 0)
            ? values
            : throw node.Error($"has attribute {name} = [{string.Join(',', values)}], not two numbers above 0");
    }
}
