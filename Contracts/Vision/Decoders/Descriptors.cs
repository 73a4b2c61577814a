using System.ComponentModel;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>Numbers of open files, and messages of a fixed size over them.</summary>
internal static unsafe class Descriptors
{
    // Above those that a process is born with, so that giving a child its own numbers overwrites none of these.
    private const int FirstFree = 10;
    private const int DuplicateCloseOnExec = 1030;
    private const int SetStatus = 4;
    private const int NonBlocking = 0x800;
    private const int Failed = -1;

    /// <summary>How reading ended.</summary>
    public enum Reading
    {
        Done,
        Ended,
        TooLate,
    }

    /// <summary>How writing ended.</summary>
    public enum Writing
    {
        Done,
        NobodyReads,
        Full,
    }

    /// <summary>The same file under a high number; the given one is closed.</summary>
    /// <exception cref="Win32Exception">It was no open file, or there are too many.</exception>
    public static int Lift(int descriptor)
    {
        var lifted = descriptor < 0 ? -1 : Libc.Control(descriptor, DuplicateCloseOnExec, FirstFree);
        var error = Marshal.GetLastPInvokeError();
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }

        return lifted >= 0 ? lifted : throw new Win32Exception(error);
    }

    /// <summary>A pipe whose ends no other process inherits.</summary>
    public static (int Read, int Write) Pipe()
    {
        var ends = stackalloc int[2];
        if (Libc.Pipe(ends, Libc.CloseOnExec) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }

        var read = -1;
        try
        {
            read = Lift(ends[0]);
            return (read, Lift(ends[1]));
        }
        catch (Win32Exception)
        {
            _ = Libc.Close(read); // What was not lifted, lifting has closed.
            _ = read < 0 ? Libc.Close(ends[1]) : 0;
            throw;
        }
    }

    /// <summary>Makes writing to it fail where it would have to wait.</summary>
    public static void NeverWait(int descriptor) => _ = Libc.Control(descriptor, SetStatus, NonBlocking);

    /// <summary>Whether something can be read, the end included.</summary>
    public static bool HasSomething(int descriptor) => IsThere(descriptor, TimeSpan.Zero, TimeProvider.System);

    /// <summary>Writes all of it.</summary>
    public static Writing Write(int descriptor, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var count = Libc.Write(descriptor, start + done, (nuint)(bytes.Length - done));
                if (count <= 0 && Marshal.GetLastPInvokeError() is var error && error != Libc.Interrupted)
                {
                    return error == Libc.Again ? Writing.Full : Writing.NobodyReads;
                }

                done += (int)Math.Max(count, 0);
            }
        }

        return Writing.Done;
    }

    /// <summary>Writes a message as it lies in memory.</summary>
    public static Writing Write<T>(int descriptor, T message)
        where T : unmanaged => Write(descriptor, new ReadOnlySpan<byte>(&message, sizeof(T)));

    /// <summary>Fills the bytes, and waits as long as it takes.</summary>
    public static Reading Read(int descriptor, Span<byte> bytes) => Read(descriptor, bytes, null, TimeProvider.System);

    /// <summary>Fills the bytes.</summary>
    /// <param name="descriptor">From where.</param>
    /// <param name="bytes">Where to.</param>
    /// <param name="limit">How long it may take in all; null: as long as it takes.</param>
    /// <param name="time">Clock of that.</param>
    public static Reading Read(int descriptor, Span<byte> bytes, TimeSpan? limit, TimeProvider time)
    {
        var start = time.GetTimestamp();
        fixed (byte* target = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                if (limit is { } all && !IsThere(descriptor, all - time.GetElapsedTime(start), time))
                {
                    return Reading.TooLate;
                }

                var count = Libc.Read(descriptor, target + done, (nuint)(bytes.Length - done));
                if (count == 0 || (count < 0 && Marshal.GetLastPInvokeError() != Libc.Interrupted))
                {
                    return Reading.Ended;
                }

                done += (int)Math.Max(count, 0);
            }
        }

        return Reading.Done;
    }

    /// <summary>Reads a message as it lay in the other's memory.</summary>
    public static Reading Read<T>(int descriptor, out T message, TimeSpan? limit, TimeProvider time)
        where T : unmanaged
    {
        T read = default;
        var result = Read(descriptor, new Span<byte>(&read, sizeof(T)), limit, time);
        message = read;
        return result;
    }

    private static bool IsThere(int descriptor, TimeSpan limit, TimeProvider time)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            // Asked at least once: when this process stood still, the answer may be there although the time is up.
            var left = limit - time.GetElapsedTime(start);
            var isLast = left <= TimeSpan.Zero;
            var entry = new Libc.PollEntry { Descriptor = descriptor, Wanted = Libc.PollEntry.CanRead };
            var found = Libc.Poll(&entry, 1, isLast ? 0 : (int)Math.Min(Math.Ceiling(left.TotalMilliseconds), int.MaxValue));
            if (found > 0)
            {
                return true; // Bytes, or the end: reading tells.
            }

            if (found == 0 && isLast)
            {
                return false;
            }

            if (found == Failed && Marshal.GetLastPInvokeError() != Libc.Interrupted)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError());
            }
        }
    }
}
