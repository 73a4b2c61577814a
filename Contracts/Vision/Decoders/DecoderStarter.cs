using System.Collections.Concurrent;
using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Vision.Decoders;

/// <summary>
/// Starts decoders' processes from one thread, for two reasons. The kernel ends them with the thread that started them, so it must be one
/// that stays. And that thread raises <see cref="ThreadWalls"/> around itself, which they are born with.
/// </summary>
internal sealed unsafe class DecoderStarter : IDisposable
{
    private const short NewSession = 0x80; // Signals to this process's group or terminal do not reach them.
    private const short SetMask = 0x08;
    private const int SignalSetBytes = 128;
    private const int StructBytes = 512; // glibc's structures take 80 and 336.
    private const int FirstForeign = 4;

    private readonly BlockingCollection<Order> _orders = [];
    private readonly TaskCompletionSource<Wall> _walls = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DecoderCommand _command;
    private readonly Thread _thread;

    public DecoderStarter(DecoderCommand command)
    {
        _command = command;
        _thread = new Thread(Work) { Name = "decoder-starter", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Walls that processes are born with.</summary>
    public Wall Walls => _walls.Task.GetAwaiter().GetResult();

    /// <summary>Starts a process. It has a clean environment and these three files open, no other.</summary>
    /// <param name="requests">Its standard input.</param>
    /// <param name="answers">Its standard output.</param>
    /// <param name="memory">Its descriptor <see cref="DecoderHost.Memory"/>.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="DecoderStartException">The system refuses.</exception>
    public int Start(int requests, int answers, int memory)
    {
        var order = new Order(requests, answers, memory);
        _orders.Add(order);
        return order.Started.Task.GetAwaiter().GetResult();
    }

    /// <summary>The processes that still run end with this.</summary>
    public void Dispose()
    {
        _orders.CompleteAdding();
        _thread.Join();
        _orders.Dispose();
    }

    private void Work()
    {
        try
        {
            _walls.SetResult(ThreadWalls.Raise(_command.Folders, _command.Files));
        }
        catch (Exception e)
        {
            // Whatever it is belongs to who wants a process; here it would end this one.
            _walls.SetException(new DecoderStartException($"cannot raise walls around decoders: {e.Message}", e));
        }

        foreach (var order in _orders.GetConsumingEnumerable())
        {
            try
            {
                order.Started.SetResult(Spawn(order));
            }
            catch (Exception e)
            {
                order.Started.SetException(e);
            }
        }
    }

    private int Spawn(Order order)
    {
        byte* actions = stackalloc byte[StructBytes], attributes = stackalloc byte[StructBytes], signals = stackalloc byte[SignalSetBytes];
        new Span<byte>(signals, SignalSetBytes).Clear();
        _ = Libc.InitActions(actions);
        _ = Libc.InitAttributes(attributes);
        var (arguments, environment) = (
            Texts.Of([_command.Host, _command.Assembly, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]),
            Texts.Of(DecoderHost.Environment));
        try
        {
            Check(Libc.ThenDuplicate(actions, order.Requests, 0));
            Check(Libc.ThenDuplicate(actions, order.Answers, 1));
            Check(Libc.ThenOpen(actions, 2, "/dev/null", Libc.OpenWriteOnly, 0));
            Check(Libc.ThenDuplicate(actions, order.Memory, DecoderHost.Memory));
            Check(Libc.ThenChangeFolder(actions, "/"));
            Check(Libc.ThenCloseFrom(actions, FirstForeign));
            Check(Libc.SetSignalMask(attributes, signals));
            Check(Libc.SetFlags(attributes, NewSession | SetMask));
            int pid;
            Check(Libc.Spawn(&pid, arguments.First, actions, attributes, arguments.All, environment.All));
            return pid;
        }
        finally
        {
            arguments.Free();
            environment.Free();
            _ = Libc.FreeActions(actions);
            _ = Libc.FreeAttributes(attributes);
        }
    }

    private void Check(int error)
    {
        if (error != 0)
        {
            throw new DecoderStartException($"cannot start {_command.Host}: {new Win32Exception(error).Message}");
        }
    }

    private sealed record Order(int Requests, int Answers, int Memory)
    {
        public TaskCompletionSource<int> Started { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A list of texts as C has it.</summary>
    private readonly struct Texts
    {
        public byte** All { get; private init; }

        public byte* First => All[0];

        public static Texts Of(IReadOnlyList<string> texts)
        {
            var all = (byte**)NativeMemory.Alloc((nuint)(texts.Count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < texts.Count; i++)
            {
                all[i] = (byte*)Marshal.StringToCoTaskMemUTF8(texts[i]);
            }

            all[texts.Count] = null;
            return new Texts { All = all };
        }

        public void Free()
        {
            for (var text = All; *text is not null; text++)
            {
                Marshal.FreeCoTaskMem((nint)(*text));
            }

            NativeMemory.Free(All);
        }
    }
}
