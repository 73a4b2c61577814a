using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// Runs a backbone: pixels <c>[N,3,H,W] float32</c> to feature <c>[N,F]</c>, rounded to half at once, since the stored half is what
/// everything later is computed from. A graph of float16 gets its pixels rounded to half. Safe for any number of threads; each adds its
/// own activations to memory.
/// </summary>
public sealed class BackboneSession : IDisposable
{
    private readonly InferenceSession _session;
    private readonly int _maxRows;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph.</exception>
    public BackboneSession(BackboneFile file, SessionSettings settings)
    {
        (File, Settings) = (file, settings);
        _maxRows = settings.MaxRowsPerRun;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_maxRows, nameof(settings));
        _inputs = [file.Spec.InputName];
        _outputs = [file.Spec.FeatureName];
        try
        {
            (_session, Provider) = ExecutionProvider.Open(file.Bytes, settings, settings.IntraOpThreads);
            TakesHalves = _session.InputMetadata[file.Spec.InputName].ElementDataType == TensorElementType.Float16;
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"ONNX Runtime does not take the backbone: {e.Message}", e);
        }
    }

    public BackboneFile File { get; }

    public BackboneSpec Spec => File.Spec;

    /// <summary>What it was opened with.</summary>
    public SessionSettings Settings { get; }

    public ExecutionProvider Provider { get; }

    internal InferenceSession Inference => _session;

    /// <summary>Whether the graph's pixels are float16.</summary>
    internal bool TakesHalves { get; }

    /// <summary>Computes the features of the first rows of a batch.</summary>
    /// <param name="pixels">Filled rows.</param>
    /// <param name="n">How many rows count.</param>
    /// <param name="features"><c>[n,F]</c>, row after row; a refused row is zeros.</param>
    /// <param name="reasons">One a row: null, <see cref="RejectReasons.NotFinite"/> or <see cref="RejectReasons.NoFeature"/>.</param>
    public void Run(PixelBatch pixels, int n, Span<Half> features, Span<string?> reasons)
    {
        var dim = Spec.FeatureDim;
        if (pixels.Spec.RowLength != Spec.Input.RowLength || n > pixels.Capacity || features.Length < n * dim || reasons.Length < n)
        {
            throw new ArgumentException($"{n} rows of {Spec.Input.SizeText} pixels do not fit these buffers", nameof(pixels));
        }

        using var options = new RunOptions();
        for (var first = 0; first < n; first += _maxRows)
        {
            var rows = Math.Min(_maxRows, n - first);
            var to = features.Slice(first * dim, rows * dim);
            if (TakesHalves)
            {
                RunHalves(options, pixels.Rows(first, rows).Span, rows, to, reasons.Slice(first, rows));
            }
            else
            {
                using var input = OrtValue.CreateTensorValueFromMemory(
                    OrtMemoryInfo.DefaultInstance, pixels.Rows(first, rows), Shape(rows));
                Run(options, input, rows, to, reasons.Slice(first, rows));
            }
        }
    }

    public void Dispose() => _session.Dispose();

    private long[] Shape(int rows) => [rows, 3, Spec.Input.Height, Spec.Input.Width];

    private void RunHalves(RunOptions options, ReadOnlySpan<float> pixels, int rows, Span<Half> features, Span<string?> reasons)
    {
        var rented = ArrayPool<Float16>.Shared.Rent(pixels.Length);
        try
        {
            TensorPrimitives.ConvertToHalf(pixels, MemoryMarshal.Cast<Float16, Half>(rented.AsSpan(0, pixels.Length)));
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, rented.AsMemory(0, pixels.Length), Shape(rows));
            Run(options, input, rows, features, reasons);
        }
        finally
        {
            ArrayPool<Float16>.Shared.Return(rented);
        }
    }

    private void Run(RunOptions options, OrtValue input, int rows, Span<Half> features, Span<string?> reasons)
    {
        using var outputs = _session.Run(options, _inputs, [input], _outputs);
        FeatureTensor.Read(outputs[0], Spec, rows, features, reasons);
    }
}
