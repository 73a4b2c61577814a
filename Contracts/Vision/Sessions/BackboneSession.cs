using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// Runs a backbone: pixels <c>[N,3,H,W] float32</c> to feature <c>[N,F]</c>, rounded to half at once, since the stored half is what
/// everything later is computed from. Safe for any number of threads; each adds its own activations to memory.
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
        File = file;
        _maxRows = settings.MaxRowsPerRun;
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(_maxRows, nameof(settings));
        _inputs = [file.Spec.InputName];
        _outputs = [file.Spec.FeatureName];
        try
        {
            (_session, Provider) = ExecutionProvider.Open(file.Bytes, settings, settings.IntraOpThreads);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"ONNX Runtime does not take the backbone: {e.Message}", e);
        }
    }

    public BackboneFile File { get; }

    public BackboneSpec Spec => File.Spec;

    public ExecutionProvider Provider { get; }

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
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, pixels.Rows(first, rows), [rows, 3, Spec.Input.Height, Spec.Input.Width]);
            using var outputs = _session.Run(options, _inputs, [input], _outputs);
            var values = outputs[0].GetTensorDataAsSpan<float>();
            if (values.Length != rows * dim)
            {
                throw new ModelFileException(
                    $"the backbone's output {Spec.FeatureName} has {values.Length / rows} values a picture, its metadata say {dim}");
            }

            for (var i = 0; i < rows; i++)
            {
                var to = features.Slice((first + i) * dim, dim);
                reasons[first + i] = HalfRow.Round(values.Slice(i * dim, dim), to);
            }
        }
    }

    public void Dispose() => _session.Dispose();
}
