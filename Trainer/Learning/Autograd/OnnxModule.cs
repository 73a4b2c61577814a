using CpfPipeline.Learning.Autograd.Nodes;
using CpfPipeline.Learning.Torch;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd;

/// <summary>
/// An ONNX graph that learns: executed by libtorch under autograd, its weights written back into the same graph. The file is the only
/// definition of the architecture.
/// </summary>
/// <remarks>
/// Which constants learn: <see cref="WeightRule"/>. Floating point values of any width in the file are computed in one type and written
/// back in the file's. Dropout drops nothing. One thread at a time; passes do not change the module, except for the running statistics
/// under <see cref="BatchNormMode.Training"/>.
/// </remarks>
internal sealed class OnnxModule : IDisposable
{
    private readonly ModelProto _model;
    private readonly GraphConstants _constants;
    private readonly GraphTarget _target;
    private readonly CompiledGraph _graph;
    private readonly BatchNormMode _mode;
    private bool _isTraining;

    private OnnxModule(ModelProto model, string name, string input, string output, Device device, BatchNormMode mode, ScalarType type)
    {
        _model = model;
        _mode = mode;
        _constants = new GraphConstants(model.Graph);
        _target = new GraphTarget(name, GraphCompiler.Opset(model, name), device, type);
        try
        {
            _graph = GraphCompiler.Compile(model, _constants, _target, input, output);
        }
        catch
        {
            _target.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What learns, by the names of the file, in the order of first use: <c>float32</c> (or the type given at load) on the module's device.
    /// The module owns them; optimisers may change them in place.
    /// </summary>
    public IReadOnlyList<(string Name, Parameter Value)> Parameters => _graph.Weights;

    /// <summary>Running means and variances of BatchNormalization; part of a checkpoint, not of an optimiser.</summary>
    public IReadOnlyList<(string Name, Tensor Value)> Statistics => _graph.Statistics;

    public Device Device => _target.Device;

    /// <summary>A backbone, its feature as output.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">What to call it in messages, its path.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="mode">Whose statistics BatchNormalization uses while training.</param>
    /// <param name="type"><c>float32</c> or <c>float64</c>.</param>
    /// <exception cref="ModelFileException">A node that the feature needs is not supported; the message names it.</exception>
    public static OnnxModule Load(
        BackboneFile file, string name, Device device, BatchNormMode mode = BatchNormMode.Frozen, ScalarType type = ScalarType.Float32) =>
        new(ModelFile.Parse(file.Bytes.Span, name), name, file.Spec.InputName, file.Spec.FeatureName, device, mode, type);

    /// <summary>Any graph, by the name of its input and of one of its outputs.</summary>
    /// <inheritdoc cref="Load(BackboneFile, string, Device, BatchNormMode, ScalarType)"/>
    /// <param name="model">The file, which is copied.</param>
    /// <param name="input">The graph's input.</param>
    /// <param name="output">The output to compute; nodes that it does not need are not looked at.</param>
    public static OnnxModule Load(
        ModelProto model,
        string name,
        string input,
        string output,
        Device device,
        BatchNormMode mode = BatchNormMode.Frozen,
        ScalarType type = ScalarType.Float32) =>
        new(model.Clone(), name, input, output, device, mode, type);

    /// <summary>Normalise by the batch from now on, if the module was loaded with <see cref="BatchNormMode.Training"/>.</summary>
    public void Train() => _isTraining = true;

    /// <summary>Normalise by the running statistics from now on, which is how a module starts.</summary>
    public void Evaluate() => _isTraining = false;

    /// <summary>Computes the output, with gradients where the caller has them on.</summary>
    /// <param name="input">For a backbone pixels, <c>[N,3,H,W] float32 RGB</c>, normalised as its file says; moved to the device if elsewhere.</param>
    /// <returns>For a backbone the feature, <c>[N,F]</c>: axes of 1 after the second are dropped. It belongs to the caller's dispose scope.</returns>
    public Tensor Forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var pixels = input.to(_target.FloatType, _target.Device);
        var result = ScalarLifetime.Again(() => _graph.Run(pixels, _isTraining && _mode == BatchNormMode.Training));
        if (result.dim() > 2 && result.shape[2..].All(d => d == 1))
        {
            result = result.flatten(1);
        }

        return result.MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The file with the present weights and running statistics. All else is as it was: operator set, names, dimensions, types, metadata,
    /// fields unknown to this program; values that did not change keep their bytes.
    /// </summary>
    public ModelProto Export()
    {
        foreach (var (name, value) in Parameters)
        {
            _constants.Write(name, value, _target);
        }

        foreach (var (name, value) in Statistics)
        {
            _constants.Write(name, value, _target);
        }

        return _model.Clone();
    }

    public void Dispose() => _target.Dispose();
}
