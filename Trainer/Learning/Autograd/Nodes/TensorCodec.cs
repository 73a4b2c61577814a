using System.Runtime.InteropServices;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Onnx;
using Google.Protobuf;
using static CpfPipeline.Vision.Onnx.TensorProto.Types;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd.Nodes;

/// <summary>Tensors of an ONNX file to libtorch and back.</summary>
internal static class TensorCodec
{
    public static bool IsFloat(TensorProto proto) =>
        (DataType)proto.DataType is DataType.Float or DataType.Double or DataType.Float16 or DataType.Bfloat16;

    /// <summary>Its values: floating point in the given type on the given device, integers as int64 on the CPU, bool on the device.</summary>
    /// <exception cref="ModelFileException">It has a type that is no number, or not as many values as its dimensions say.</exception>
    public static Tensor Decode(TensorProto proto, string file, ScalarType floatType, Device device)
    {
        using var scope = NewDisposeScope();
        var dims = proto.Dims.ToArray();
        var type = (DataType)proto.DataType;
        Array values = type switch
        {
            DataType.Double => Doubles(proto),
            _ when IsFloat(proto) => Floats(proto),
            _ => Integers(proto) ?? throw new ModelFileException($"{file}: {proto.Name} holds {type}, which the trainer does not support"),
        };
        if (values.Length != dims.Aggregate(1L, (a, b) => a * b))
        {
            throw new ModelFileException($"{file}: {proto.Name} holds {values.Length} values, not [{string.Join(',', dims)}]");
        }

        var result = values switch
        {
            float[] floats => tensor(floats, dims).to(floatType, device),
            double[] doubles => tensor(doubles, dims).to(floatType, device),
            long[] bools when type == DataType.Bool => tensor(bools, dims).to(ScalarType.Bool, device),
            long[] integers => tensor(integers, dims),
            _ => throw new InvalidOperationException(),
        };
        return result.MoveToOuterDisposeScope();
    }

    /// <summary>Puts new values into a floating point tensor of a file, in the field it keeps them in.</summary>
    public static void Encode(Tensor values, TensorProto proto)
    {
        using var scope = NewDisposeScope();
        var host = values.detach().cpu().contiguous();
        if ((DataType)proto.DataType == DataType.Double)
        {
            var doubles = host.to_type(ScalarType.Float64).data<double>().ToArray();
            Store(proto, MemoryMarshal.AsBytes(doubles.AsSpan()), () => Replace(proto.DoubleData, doubles));
            return;
        }

        var floats = host.to_type(ScalarType.Float32).data<float>().ToArray();
        if ((DataType)proto.DataType == DataType.Float)
        {
            Store(proto, MemoryMarshal.AsBytes(floats.AsSpan()), () => Replace(proto.FloatData, floats));
            return;
        }

        var bits = Array.ConvertAll<float, ushort>(
            floats,
            (DataType)proto.DataType == DataType.Float16 ? v => BitConverter.HalfToUInt16Bits((Half)v) : RoundToBfloat16);
        Store(proto, MemoryMarshal.AsBytes(bits.AsSpan()), () => Replace(proto.Int32Data, bits.Select(b => (int)b)));
    }

    private static void Store(TensorProto proto, ReadOnlySpan<byte> bytes, Action typed)
    {
        if (proto.HasRawData)
        {
            proto.RawData = ByteString.CopyFrom(bytes);
        }
        else
        {
            typed();
        }
    }

    private static void Replace<T>(Google.Protobuf.Collections.RepeatedField<T> field, IEnumerable<T> values)
    {
        field.Clear();
        field.AddRange(values);
    }

    private static double[] Doubles(TensorProto proto) => proto.HasRawData ? Raw<double>(proto) : [.. proto.DoubleData];

    private static float[] Floats(TensorProto proto)
    {
        if ((DataType)proto.DataType == DataType.Float)
        {
            return proto.HasRawData ? Raw<float>(proto) : [.. proto.FloatData];
        }

        var bits = proto.HasRawData ? Raw<ushort>(proto) : [.. proto.Int32Data.Select(v => (ushort)v)];
        return Array.ConvertAll<ushort, float>(
            bits,
            (DataType)proto.DataType == DataType.Float16
                ? v => (float)BitConverter.UInt16BitsToHalf(v)
                : v => BitConverter.UInt32BitsToSingle((uint)v << 16));
    }

    private static long[]? Integers(TensorProto proto) => (DataType)proto.DataType switch
    {
        DataType.Int64 => proto.HasRawData ? Raw<long>(proto) : [.. proto.Int64Data],
        DataType.Int32 => Small<int>(proto),
        DataType.Int16 => Small<short>(proto),
        DataType.Int8 => Small<sbyte>(proto),
        DataType.Uint16 => Small<ushort>(proto),
        DataType.Uint8 or DataType.Bool => Small<byte>(proto),
        _ => null,
    };

    private static long[] Small<T>(TensorProto proto)
        where T : unmanaged, IConvertible =>
        proto.HasRawData
            ? Array.ConvertAll(Raw<T>(proto), v => v.ToInt64(null))
            : [.. proto.Int32Data.Select(v => (long)v)];

    private static T[] Raw<T>(TensorProto proto)
        where T : unmanaged => MemoryMarshal.Cast<byte, T>(proto.RawData.Span).ToArray();

    private static ushort RoundToBfloat16(float value)
    {
        // To nearest, ties to even.
        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
