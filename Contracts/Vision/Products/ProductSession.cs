using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Vision.Products;

/// <summary>
/// Finds by ONNX Runtime which products of two sets of rows reach a threshold: in float16 on a device, in float32 on the CPU. For one
/// thread at a time.
/// </summary>
public sealed class ProductSession : IDisposable
{
    private static readonly string[] Inputs = [ProductGraph.Left, ProductGraph.Right, ProductGraph.Thresholds];
    private static readonly string[] Outputs = [ProductGraph.Pairs, ProductGraph.Products];
    private readonly InferenceSession _session;
    private readonly RunOptions _options = new();
    private readonly Operand _left;
    private readonly Operand _right;
    private readonly Operand _thresholds;

    /// <param name="dimension">Values a row (D).</param>
    /// <param name="settings">Device or CPU, and threads on it.</param>
    /// <param name="type">Null: float16 on a device, float32 on the CPU.</param>
    public ProductSession(int dimension, SessionSettings settings, ProductType? type = null)
    {
        (_session, Provider) = Open(dimension, settings, Type = type ?? ProductType.Float16);
        if (type is null && Provider.Name == ExecutionProvider.Cpu)
        {
            _session.Dispose();
            (_session, Provider) = Open(dimension, settings, Type = ProductType.Float32);
        }

        Dimension = dimension;
        (_left, _right, _thresholds) = (new(Type, dimension), new(Type, dimension), new(Type, 1));
    }

    /// <summary>Values a row (D).</summary>
    public int Dimension { get; }

    /// <summary>How products are computed.</summary>
    public ProductType Type { get; }

    /// <summary>What computes them.</summary>
    public ExecutionProvider Provider { get; }

    /// <summary>Sets the right rows of the runs to come.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="copy">Copies one into its place.</param>
    public void SetRight(int rows, RowCopy copy) => _right.Fill(rows, copy);

    /// <summary>Multiplies left rows with the right ones.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="copy">Copies one into its place.</param>
    /// <param name="threshold">What a product of a left row must reach: a number of the products' type.</param>
    /// <param name="found">Receives left row, right row and product of each pair that does.</param>
    public void Run(int rows, RowCopy copy, Func<int, float> threshold, Action<int, int, float> found)
    {
        _left.Fill(rows, copy);
        _thresholds.Fill(rows, threshold);
        using var left = _left.ToTensor();
        using var right = _right.ToTensor();
        using var least = _thresholds.ToTensor();
        using var outputs = _session.Run(_options, Inputs, [left, right, least], Outputs);
        var pairs = outputs[0].GetTensorDataAsSpan<long>();
        if (Type == ProductType.Float32)
        {
            var products = outputs[1].GetTensorDataAsSpan<float>();
            for (var i = 0; i < products.Length; i++)
            {
                found((int)pairs[2 * i], (int)pairs[(2 * i) + 1], products[i]);
            }
        }
        else
        {
            var products = MemoryMarshal.Cast<Float16, Half>(outputs[1].GetTensorDataAsSpan<Float16>());
            for (var i = 0; i < products.Length; i++)
            {
                found((int)pairs[2 * i], (int)pairs[(2 * i) + 1], (float)products[i]);
            }
        }
    }

    public void Dispose()
    {
        _options.Dispose();
        _session.Dispose();
    }

    private static (InferenceSession Session, ExecutionProvider Provider) Open(int dimension, SessionSettings settings, ProductType type) =>
        ExecutionProvider.Open(ProductGraph.Write(dimension, type), settings, settings.IntraOpThreads);

    /// <summary>Rows in memory that ONNX Runtime reads, kept for the next run.</summary>
    private sealed class Operand(ProductType type, int columns)
    {
        private Float16[] _halves = [];
        private float[] _floats = [];
        private int _rows;

        public void Fill(int rows, RowCopy copy)
        {
            _rows = rows;
            Grow(ref _halves);
            var halves = MemoryMarshal.Cast<Float16, Half>(_halves.AsSpan());
            for (var row = 0; row < rows; row++)
            {
                copy(row, halves.Slice(row * columns, columns));
            }

            if (type == ProductType.Float32)
            {
                Grow(ref _floats);
                TensorPrimitives.ConvertToSingle(halves[..(rows * columns)], _floats.AsSpan(0, rows * columns));
            }
        }

        public void Fill(int rows, Func<int, float> value)
        {
            _rows = rows;
            Grow(ref _floats);
            for (var row = 0; row < rows; row++)
            {
                _floats[row] = value(row);
            }

            if (type == ProductType.Float16)
            {
                Grow(ref _halves);
                TensorPrimitives.ConvertToHalf(_floats.AsSpan(0, rows), MemoryMarshal.Cast<Float16, Half>(_halves.AsSpan()));
            }
        }

        public OrtValue ToTensor() => type == ProductType.Float16
            ? OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, _halves.AsMemory(0, _rows * columns), [_rows, columns])
            : OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance, _floats.AsMemory(0, _rows * columns), [_rows, columns]);

        private void Grow<T>(ref T[] values)
        {
            if (values.Length < _rows * columns)
            {
                values = new T[_rows * columns];
            }
        }
    }
}
