using System.Buffers;
using System.ComponentModel;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>
/// Memory that a decoder's process shares with the one that started it: first the picture's file, then what was made of it. It costs what
/// was touched, not what it could hold. Its length is sealed: nobody can cut it off under the other's feet.
/// </summary>
internal sealed unsafe class SharedRegion : MemoryManager<byte>
{
    private const uint CloseOnExec = 1;
    private const uint MayBeSealed = 2;
    private const uint NeverExecuted = 8;
    private const string Name = "cpf-decoder";
    private const int AddSeals = 1033;
    private const nint SealsOfLength = 1 | 2 | 4; // No more seals, no shrinking, no growing.
    private const int ReadWrite = 3;
    private const int Shared = 1;
    private const int PunchHole = 3; // Together with keeping the length.
    private const int Failed = -1;

    private readonly int _inputBytes;
    private readonly int _outputBytes;
    private nint _address;

    private SharedRegion(int descriptor, int inputBytes, int outputBytes)
    {
        (Descriptor, _inputBytes, _outputBytes) = (descriptor, inputBytes, outputBytes);
        _address = Libc.Map(0, (nuint)Length, ReadWrite, Shared, descriptor, 0);
        if (_address == Failed)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The memory's file. Closed with the region.</summary>
    public int Descriptor { get; }

    /// <summary>Where the picture's file lies.</summary>
    public Span<byte> Input => new((void*)_address, _inputBytes);

    /// <summary>Where lies what was made of it.</summary>
    public Span<byte> Output => new((byte*)_address + _inputBytes, _outputBytes);

    private long Length => (long)_inputBytes + _outputBytes;

    /// <summary>New, and empty.</summary>
    /// <exception cref="Win32Exception">The system has no memory for it.</exception>
    public static SharedRegion Create(int inputBytes, int outputBytes)
    {
        var file = Libc.MemoryFile(Name, CloseOnExec | MayBeSealed | NeverExecuted);
        var descriptor = Descriptors.Lift(file >= 0 ? file : Libc.MemoryFile(Name, CloseOnExec | MayBeSealed)); // Before Linux 6.3.
        try
        {
            return Libc.SetLength(descriptor, (long)inputBytes + outputBytes) == 0
                && Libc.Control(descriptor, AddSeals, SealsOfLength) == 0
                ? new SharedRegion(descriptor, inputBytes, outputBytes)
                : throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        catch (Win32Exception)
        {
            _ = Libc.Close(descriptor);
            throw;
        }
    }

    /// <summary>That of the process that started this one.</summary>
    public static SharedRegion Open(int descriptor, int inputBytes, int outputBytes) => new(descriptor, inputBytes, outputBytes);

    /// <summary>Gives the memory back; what it held is zero then.</summary>
    public void Clear() => _ = Libc.Allocate(Descriptor, PunchHole, 0, Length);

    /// <summary>All of it.</summary>
    public override Span<byte> GetSpan() => new((void*)_address, checked((int)Length));

    public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)_address + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (_address != 0)
        {
            _ = Libc.Unmap(_address, (nuint)Length);
            _ = Libc.Close(Descriptor);
            _address = 0;
        }
    }

    /// <summary>Gives the memory back to the system.</summary>
    public void Close() => Dispose(disposing: true);
}
