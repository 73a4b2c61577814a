using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CpfPipeline.Vocabulary;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Sessions;

/// <summary>
/// Runs a backbone on batches of one size, with a buffer that is there for all of them: so a device sees one shape, allocates for it once,
/// and a picture's feature cannot depend on how many others there are. For one thread at a time.
/// </summary>
public sealed class BackboneBinding : IDisposable
{
    private readonly BackboneSession _session;
    private readonly int _rowLength;
    private readonly float[] _floats = [];
    private readonly Float16[] _halves = [];
    private readonly OrtValue _input;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _options = new();

    /// <param name="session">Stays its owner's; dispose this first.</param>
    /// <param name="rows">Pictures of every run.</param>
    public BackboneBinding(BackboneSession session, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        (_session, Rows, _rowLength) = (session, rows, session.Spec.Input.RowLength);
        var (length, input) = (checked(rows * _rowLength), session.Spec.Input);
        long[] shape = [rows, 3, input.Height, input.Width];
        if (session.TakesHalves)
        {
            _halves = GC.AllocateArray<Float16>(length, pinned: true);
            _input = OrtValue.CreateTensorValueFromMemory(_halves, shape);
        }
        else
        {
            _floats = GC.AllocateArray<float>(length, pinned: true);
            _input = OrtValue.CreateTensorValueFromMemory(_floats, shape);
        }

        _binding = session.Inference.CreateIoBinding();
        _binding.BindOutputToDevice(session.Spec.FeatureName, OrtMemoryInfo.DefaultInstance);
    }

    /// <summary>Pictures of every run.</summary>
    public int Rows { get; }

    /// <summary>Computes the features of up to <see cref="Rows"/> pictures; the other rows of the run are zeros.</summary>
    /// <param name="pictures">Each <c>[3,H,W] float32</c>.</param>
    /// <param name="features"><c>[n,F]</c>; a refused row is zeros.</param>
    /// <param name="reasons">One a picture: null, <see cref="RejectReasons.NotFinite"/> or <see cref="RejectReasons.NoFeature"/>.</param>
    public void Run(IReadOnlyList<ReadOnlyMemory<float>> pictures, Span<Half> features, Span<string?> reasons)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pictures.Count, Rows, nameof(pictures));
        for (var i = 0; i < pictures.Count; i++)
        {
            Fill(i, pictures[i].Span);
        }

        _floats.AsSpan(Math.Min(_floats.Length, pictures.Count * _rowLength)).Clear();
        _halves.AsSpan(Math.Min(_halves.Length, pictures.Count * _rowLength)).Clear();
        // Binding copies to the device, so it comes anew with every batch.
        _binding.BindInput(_session.Spec.InputName, _input);
        _binding.SynchronizeBoundInputs();
        _session.Inference.RunWithBinding(_options, _binding);
        _binding.SynchronizeBoundOutputs();
        using var outputs = _binding.GetOutputValues();
        FeatureTensor.Read(outputs[0], _session.Spec, Rows, features, reasons[..pictures.Count]);
    }

    public void Dispose()
    {
        _binding.Dispose();
        _input.Dispose();
        _options.Dispose();
    }

    private void Fill(int row, ReadOnlySpan<float> picture)
    {
        if (_session.TakesHalves)
        {
            TensorPrimitives.ConvertToHalf(
                picture, MemoryMarshal.Cast<Float16, Half>(_halves.AsSpan(row * _rowLength, _rowLength)));
        }
        else
        {
            picture.CopyTo(_floats.AsSpan(row * _rowLength, _rowLength));
        }
    }
}
