using System.Runtime.InteropServices;
using System.Text;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Tests.DecoderProbe;

/// <summary>
/// What a file asks for: a word after the signature of a JPEG. Trying something that is refused leaves the process as it is, and the file
/// is decoded (and found damaged). Trying something that works ends the process.
/// </summary>
internal sealed unsafe class Deeds
{
    private const int SignatureBytes = 3;
    private const int WorkedExitCode = 99;
    private const int Refused = -1;
    private const int NotPermitted = 1;

    private static readonly Dictionary<string, Func<nint>> Attempts = new()
    {
        ["time"] = () => Environment.TickCount64 > 0 ? 1 : Refused, // Allowed: shows that an attempt that works is noticed.
        ["socket"] = () => Libc.Socket(2, 1, 0),
        ["unix-socket"] = () => Libc.Socket(1, 1, 0),
        ["netlink"] = () => Libc.Socket(16, 3, 0),
        ["read"] = () => Libc.Open("/etc/passwd", Libc.OpenReadOnly),
        ["read-folder"] = () => Libc.Open("/", Libc.OpenReadOnly),
        ["write"] = () => Libc.Open("/tmp/cpf-decoder-probe", Libc.OpenWriteOnly | 0x40, 0x180),
        ["parent-environment"] = () => Libc.Open($"/proc/{Libc.ParentId()}/environ", Libc.OpenReadOnly),
        ["parent-memory"] = () => Libc.Open($"/proc/{Libc.ParentId()}/mem", Libc.OpenReadOnly),
        ["own-memory"] = () => Libc.Open("/proc/self/mem", Libc.OpenReadOnly),
        ["kill-parent"] = () => Libc.Kill(Libc.ParentId(), 0),
        ["kill-all"] = () => Libc.Kill(-1, 0),
        ["file-of-memory"] = () => Libc.MemoryFile("x", 0),
        ["unshare"] = () => Libc.Unshare(0x1000_0000),
        ["dumpable"] = () => Libc.Prctl(4, 1),
        ["raise-limit"] = RaiseLimit,
        ["shared-memory"] = () => Libc.Map(0, 4096, 3, 0x21, -1, 0),
        ["shared-file"] = () => Libc.Map(0, 4096, 3, 1, 3, 0),
        ["grows-down"] = () => Libc.Map(0, 4096, 3, 0x122, -1, 0),
        ["signal-thread-of-parent"] = () => Call(234, 131, Libc.ParentId(), Libc.ParentId()),
        ["signal-thread"] = () => Call(200, 130, Libc.ParentId()),
        ["queue-signal"] = () => Call(129, 138, Libc.ParentId()),
        ["exec-at"] = () => Call(322, 281, -100, Text("/bin/true")),
        ["control-device"] = () => Call(16, 29, 0, 0x5413),
        ["duplicate-one"] = () => Call(32, 23),
        ["open-by-handle"] = () => Call(304, 265, -100),
        ["advise-process"] = () => Call(440, 440, -1),
        ["duplicate"] = () => Libc.Control(0, 0, 20),
        ["cut-region"] = () => Libc.SetLength(3, 0),
        ["exec"] = () => Call(59, 221, Text("/bin/true")),
        ["fork"] = () => Call(57, -1),
        ["vfork"] = () => Call(58, -1),
        ["clone-process"] = () => Call(56, 220, 17),
        ["ptrace"] = () => Call(101, 117, 16, Libc.ParentId()),
        ["process-memory"] = () => Call(310, 270, Libc.ParentId()),
        ["pidfd"] = () => Call(434, 434, Libc.ParentId()),
        ["unlink"] = () => Call(263, 35, -100, Text("/tmp/cpf-decoder-probe")),
        ["rename"] = () => Call(316, 276, -100, Text("/tmp/a"), -100, Text("/tmp/b")),
        ["make-folder"] = () => Call(258, 34, -100, Text("/tmp/cpf-decoder-probe"), 448),
        ["link"] = () => Call(266, 36, Text("/etc/passwd"), -100, Text("/tmp/cpf-decoder-probe")),
        ["mount"] = () => Call(165, 40),
        ["change-root"] = () => Call(161, 51, Text("/")),
        ["bpf"] = () => Call(321, 280),
        ["keys"] = () => Call(250, 219, 0, -3, 1),
        ["io-uring"] = () => Call(425, 425, 1),
        ["user-faults"] = () => Call(323, 282, 1),
        ["perf"] = () => Call(298, 241),
        ["open-by-rules"] = () => Call(437, 437, -100, Text("/etc/passwd")),
        ["events"] = () => Call(290, 19),
        ["set-user"] = () => Call(105, 146),
        ["reboot"] = () => Call(169, 142),
        ["foreign-table"] = () => Call(0x4000_0000 + 41, -1, 2, 1), // The numbers of x32.
    };

    // Before the walls of the process stand: what it was born with.
    private readonly bool _readAtBirth = Libc.Open("/etc/passwd", Libc.OpenReadOnly) >= 0;
    private readonly bool _sawParentAtBirth = Libc.Open($"/proc/{Libc.ParentId()}/environ", Libc.OpenReadOnly) >= 0;
    private int _number;

    /// <summary>Words that <see cref="Do"/> tries.</summary>
    public static IEnumerable<string> Words => Attempts.Keys;

    public void Do(ReadOnlyMemory<byte> file)
    {
        _number++;
        var word = Encoding.ASCII.GetString(file.Span[SignatureBytes..]);
        switch (word)
        {
            case "crash":
                _ = Libc.Signal(11, 0); // Without the runtime, which would make an exception of it.
                *(int*)8 = 1;
                break;
            case "leave":
                Environment.Exit(3);
                break;
            case "hang":
                while (true)
                {
                    Thread.SpinWait(1000);
                }

            case "die":
                Call(234, 131, Libc.OwnId(), Libc.SystemCall(186), 9);
                break;
            case "nul-text":
                Answer(a => a, "no\0picture");
                break;
            case "line-text":
                Answer(a => a, "no\npicture");
                break;
            case "other-number":
                Answer(a => a with { Number = a.Number + 1 }, "");
                break;
            case "other-format":
                Answer(a => a with { Format = 1 }, "");
                break;
            case "output-of-refused":
                Answer(a => a with { OutputLength = 10 }, "");
                break;
            case "short-output":
                Answer(a => a with { Reason = -1, Width = 20, Height = 20, OutputLength = 5 }, "");
                break;
            case "long-text":
                Answer(a => a with { TextLength = 1001 }, "");
                break;
            case "negative-text":
                Answer(a => a with { TextLength = -1 }, "");
                break;
            case "ahead":
                // In one write: in two, the second could come after the next question.
                var answer = new DecoderMessages.Answer { Number = _number, Reason = 7 };
                var both = stackalloc DecoderMessages.Answer[2] { answer, answer with { Number = _number + 1 } };
                _ = Libc.Write(1, (byte*)both, (nuint)(2 * sizeof(DecoderMessages.Answer)));
                break;
            case "lie":
                Span<byte> lie = stackalloc byte[64];
                lie.Fill(0x7F);
                fixed (byte* start = lie)
                {
                    _ = Libc.Write(1, start, (nuint)lie.Length);
                }

                break;
            case "eat":
                Eat();
                break;
            case "thread":
                var thread = new Thread(() => { }); // The runtime starts some of its own, long after the walls stand.
                thread.Start();
                thread.Join();
                break;
            case "threads":
                for (var i = 0; i < 80 + (4 * Environment.ProcessorCount); i++)
                {
                    new Thread(() => new ManualResetEvent(false).WaitOne(), 128 << 10) { IsBackground = true }.Start();
                }

                break;
            case "work-on":
                new Thread(() =>
                {
                    while (true)
                    {
                        Thread.SpinWait(1000);
                    }
                }) { IsBackground = true }.Start();
                break;
            case "loaders":
                if (!Loaders.AreBlocked())
                {
                    Environment.Exit(WorkedExitCode);
                }

                break;
            case "born":
                if (_readAtBirth || _sawParentAtBirth)
                {
                    Environment.Exit(WorkedExitCode);
                }

                break;
            default:
                // Refused for want of permission: with any other error the call might have worked another time.
                if (Attempts.TryGetValue(word, out var attempt) && (attempt() != Refused || Marshal.GetLastPInvokeError() != NotPermitted))
                {
                    Environment.Exit(WorkedExitCode);
                }

                break;
        }
    }

    // Before the answer that the process gives by itself.
    private void Answer(Func<DecoderMessages.Answer, DecoderMessages.Answer> change, string text)
    {
        var answer = change(new DecoderMessages.Answer { Number = _number, Reason = 7, TextLength = text.Length });
        _ = Descriptors.Write(1, answer);
        _ = Descriptors.Write(1, Encoding.ASCII.GetBytes(text));
    }

    // Twice the limit of the test, in steps that the C library takes straight from the system.
    private static void Eat()
    {
        const int step = 64 << 20;
        for (var i = 0; i < 8; i++)
        {
            var memory = (byte*)NativeMemory.Alloc(step);
            new Span<byte>(memory, step).Fill(1);
        }

        Environment.Exit(WorkedExitCode);
    }

    private static nint RaiseLimit()
    {
        var limit = stackalloc ulong[2] { 1 << 30, 1 << 30 };
        return Libc.SetLimit(2, limit);
    }

    private static nint Text(string text) => Marshal.StringToCoTaskMemUTF8(text);

    // On arm64 some calls do not exist.
    private static nint Call(nint x64, nint arm64, nint a = 0, nint b = 0, nint c = 0, nint d = 0) =>
        Libc.SystemCall(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? x64 : arm64, a, b, c, d);
}
