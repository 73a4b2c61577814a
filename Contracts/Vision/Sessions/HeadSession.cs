using System.Buffers;
using System.Numerics.Tensors;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// Runs a head: stored features <c>[N,F] half</c> to embeddings <c>[N,D] half</c>, L2-normalised. Its only entry takes the stored halves,
/// so that new pictures and backfill give the same bits. Safe for any number of threads.
/// </summary>
public sealed class HeadSession : IDisposable
{
    // A matrix product may take another path for another number of rows or threads, and then sum in another order.
    // Every run therefore has this many rows (padded with zeros) on one thread: a row's bits depend on the row alone.
    private const int RowsPerRun = 16;

    private readonly InferenceSession _session;
    private readonly string[] _inputs;
    private readonly string[] _outputs;

    /// <exception cref="ModelFileException">ONNX Runtime does not take the graph.</exception>
    public HeadSession(HeadFile file, SessionSettings settings)
    {
        File = file;
        _inputs = [file.Spec.InputName];
        _outputs = [file.Spec.OutputName];
        try
        {
            // Always on the CPU: a head is one small product, and Embedder and backfill give the same bits whether their machines have a
            // device or not.
            (_session, _) = ExecutionProvider.Open(
                file.Bytes, settings with { Provider = ExecutionProviderRequest.Cpu }, intraOpThreads: 1);
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"ONNX Runtime does not take the head: {e.Message}", e);
        }
    }

    public HeadFile File { get; }

    public HeadSpec Spec => File.Spec;

    /// <summary>Embeds features.</summary>
    /// <param name="features"><c>[n,F]</c>, the stored halves.</param>
    /// <param name="n">Rows.</param>
    /// <param name="embeddings"><c>[n,D]</c>; a refused row is zeros.</param>
    /// <param name="reasons">
    /// One a row: null, <see cref="RejectReasons.NotFinite"/> or <see cref="RejectReasons.NoFeature"/> (a zero feature or embedding).
    /// </param>
    public void Embed(ReadOnlySpan<Half> features, int n, Span<Half> embeddings, Span<string?> reasons)
    {
        var (featureDim, embeddingDim) = (Spec.FeatureDim, Spec.EmbeddingDim);
        if (features.Length < n * featureDim || embeddings.Length < n * embeddingDim || reasons.Length < n)
        {
            throw new ArgumentException($"{n} rows of {featureDim} and {embeddingDim} values do not fit these buffers", nameof(n));
        }

        var length = RowsPerRun * featureDim;
        var rented = ArrayPool<float>.Shared.Rent(length);
        try
        {
            using var options = new RunOptions();
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, rented.AsMemory(0, length), [RowsPerRun, featureDim]);
            for (var first = 0; first < n; first += RowsPerRun)
            {
                var rows = Math.Min(RowsPerRun, n - first);
                Fill(features.Slice(first * featureDim, rows * featureDim), rented.AsSpan(0, length), reasons.Slice(first, rows));
                using var outputs = _session.Run(options, _inputs, [input], _outputs);
                var values = outputs[0].GetTensorDataAsSpan<float>();
                if (values.Length != RowsPerRun * embeddingDim)
                {
                    throw new ModelFileException(
                        $"the head's output has {values.Length / RowsPerRun} values a row, its metadata say {embeddingDim}");
                }

                for (var i = 0; i < rows; i++)
                {
                    var to = embeddings.Slice((first + i) * embeddingDim, embeddingDim);
                    if (reasons[first + i] is not null)
                    {
                        to.Clear();
                    }
                    else
                    {
                        reasons[first + i] = HalfRow.Round(values.Slice(i * embeddingDim, embeddingDim), to);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    public void Dispose() => _session.Dispose();

    private void Fill(ReadOnlySpan<Half> features, Span<float> to, Span<string?> reasons)
    {
        var dim = Spec.FeatureDim;
        to.Clear();
        for (var i = 0; i < reasons.Length; i++)
        {
            var row = features.Slice(i * dim, dim);
            reasons[i] = HalfRow.Check(row);
            if (reasons[i] is null)
            {
                TensorPrimitives.ConvertToSingle(row, to.Slice(i * dim, dim));
            }
        }
    }
}
