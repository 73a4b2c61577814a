using System.Text;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>A protobuf message read without its definition: the fields that have a length, by number.</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Number, byte[] Value)> _fields = [];

    /// <exception cref="FormatException">The bytes are no message.</exception>
    public static ProtoMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var message = new ProtoMessage();
        while (!bytes.IsEmpty)
        {
            var key = ReadNumber(ref bytes);
            var length = (key & 7) switch
            {
                0 => SkipNumber(ref bytes),
                1 => sizeof(long),
                2 => (int)ReadNumber(ref bytes),
                5 => sizeof(int),
                var type => throw new FormatException($"There are no fields of type {type}."),
            };
            if ((key & 7) == 2)
            {
                message._fields.Add(((int)(key >> 3), bytes[..length].ToArray()));
            }

            bytes = bytes[length..];
        }

        return message;
    }

    /// <summary>The messages of a repeated field.</summary>
    public IEnumerable<ProtoMessage> Messages(int number) => Values(number).Select(value => Parse(value));

    /// <summary>A text; empty when it is not there.</summary>
    public string Text(int number) => Values(number).Select(Encoding.UTF8.GetString).LastOrDefault("");

    /// <summary>Bytes as lower-case hex; empty when they are not there.</summary>
    public string Hex(int number) => Values(number).Select(Convert.ToHexStringLower).LastOrDefault("");

    private IEnumerable<byte[]> Values(int number) => _fields.Where(f => f.Number == number).Select(f => f.Value);

    private static int SkipNumber(ref ReadOnlySpan<byte> bytes)
    {
        ReadNumber(ref bytes);
        return 0;
    }

    private static ulong ReadNumber(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new FormatException("A number is too long.");
    }
}
