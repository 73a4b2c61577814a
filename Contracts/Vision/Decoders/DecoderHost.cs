using System.Globalization;
using System.Reflection;
using System.Text;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Integrity;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;
using NetVips;

namespace CpfPipeline.Vision.Decoders;

/// <summary>The inside of a decoder's process: raises its walls, then decodes one picture after the other until its input ends.</summary>
public static class DecoderHost
{
    /// <summary>Descriptor of the memory that it shares with the process that started it.</summary>
    internal const int Memory = 3;

    private const int Requests = 0;
    private const int Answers = 1;
    private const int Ended = 0;
    private const int WrongUsage = 2;
    private const nint Ignore = 1;

    // SIGHUP, SIGINT, SIGQUIT, SIGTERM: who stops a whole group or unit means the process that started this one, which ends this one.
    private static readonly int[] NotForThis = [1, 2, 3, 15];

    // What the two libraries name, and what that names. All that follows from there would be half of .NET.
    private const int ReferenceDepth = 2;

    // References of the library that decoding has no part in.
    private static readonly string[] NotNeeded = ["Microsoft.ML", "Google.Protobuf"];

    /// <summary>
    /// All that such a process knows of its surroundings. No diagnostics: they listen on a socket. Few arenas, and large blocks straight
    /// from the system, so that memory goes back after a large picture. No picture is kept in a file. Code is not kept twice: that
    /// would take shared memory as large as the machine's, which no limit counts.
    /// </summary>
    internal static IReadOnlyList<string> Environment { get; } =
    [
        "DOTNET_EnableDiagnostics=0", "DOTNET_TieredPGO=0", "DOTNET_EnableWriteXorExecute=0", "MALLOC_ARENA_MAX=2",
        "MALLOC_MMAP_THRESHOLD_=1048576", "VIPS_DISC_THRESHOLD=64g",
    ];

    /// <summary>Runs until standard input ends.</summary>
    /// <param name="args">The number of the process that started this one.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string[] args) => Run(args, null);

    /// <param name="args">The number of the process that started this one.</param>
    /// <param name="before">Sees each file before it is decoded: for tests.</param>
    internal static int Run(string[] args, Action<ReadOnlyMemory<byte>>? before)
    {
        if (args is not [var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parent))
        {
            return WrongUsage; // Somebody started it by hand.
        }

        if (!ProcessWalls.DiesWith(parent)
            || Descriptors.Read(Requests, out DecoderMessages.Setup setup, null, TimeProvider.System) != Descriptors.Reading.Done)
        {
            return Ended;
        }

        foreach (var signal in NotForThis)
        {
            _ = Libc.Signal(signal, Ignore);
        }

        var region = SharedRegion.Open(Memory, setup.InputBytes, setup.OutputBytes);
        var decoder = new ImageDecoder(setup.ToLimits(), TimeProvider.System);
        WarmUp();
        var walls = ProcessWalls.Raise(setup.MaxMemoryBytes);
        _ = Descriptors.Write(Answers, new DecoderMessages.Hello { Version = DecoderMessages.Version, Walls = walls });
        while (Descriptors.Read(Requests, out DecoderMessages.Request request, null, TimeProvider.System) == Descriptors.Reading.Done)
        {
            var bytes = region.Memory[..request.Length];
            before?.Invoke(bytes);
            Answer(decoder, request, bytes, region.Output);
        }

        return Ended;
    }

    /// <summary>Loads whatever decoding might load later, when nothing can be opened any more, and compiles its usual way.</summary>
    internal static void WarmUp()
    {
        LoadReferences(typeof(ImageDecoder).Assembly, ReferenceDepth, []);
        LoadReferences(typeof(Image).Assembly, ReferenceDepth, []);
        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        using var image = Image.Black(32, 32, bands: 3).Copy(interpretation: Enums.Interpretation.Srgb);
        var (png, jpeg) = (image.PngsaveBuffer(), image.JpegsaveBuffer());
        var spec = new InputSpec(8, 8, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        var rgb = new byte[spec.RowLength];
        _ = decoder.Pixels(png, spec, rgb);
        _ = decoder.Pixels(jpeg, spec, rgb);
        _ = decoder.Pixels(jpeg.AsMemory(0, jpeg.Length / 2), spec, rgb);
        _ = decoder.Thumbnail(jpeg, spec.Width, out _);
        _ = decoder.Bounded(jpeg, spec.Width, out _);
        _ = PngChunks.Find(png);
    }

    private static void LoadReferences(Assembly assembly, int depth, HashSet<string> seen)
    {
        foreach (var name in assembly.GetReferencedAssemblies())
        {
            if (seen.Add(name.Name!) && !NotNeeded.Any(n => name.Name!.StartsWith(n, StringComparison.Ordinal)))
            {
                var reference = Assembly.Load(name);
                if (depth > 1)
                {
                    LoadReferences(reference, depth - 1, seen);
                }
            }
        }
    }

    private static void Answer(ImageDecoder decoder, DecoderMessages.Request request, ReadOnlyMemory<byte> bytes, Span<byte> output)
    {
        try
        {
            var outcome = Decode(decoder, request, bytes, output, out var length);
            Send(
                new DecoderMessages.Answer
                {
                    Reason = outcome.Reason is { } reason ? Index(DecoderMessages.Reasons, reason) : -1,
                    Format = outcome.Format is { } format ? Index(ImageFormat.All, format) : -1,
                    Width = outcome.Width, Height = outcome.Height, OutputLength = length, Number = request.Number,
                },
                outcome.Message);
        }
        catch (Exception e)
        {
            // Bad pictures are values. What throws is broken, and nobody knows what else is: the process is replaced.
            var broken = new DecoderMessages.Answer { Number = request.Number, Reason = DecoderMessages.Answer.Broken, Format = -1 };
            Send(broken, e.GetType().Name);
        }
    }

    private static DecodeOutcome Decode(
        ImageDecoder decoder, DecoderMessages.Request request, ReadOnlyMemory<byte> bytes, Span<byte> output, out int length)
    {
        switch (request.Wanted)
        {
            case DecoderMessages.Result.Framed:
                var spec = request.ToSpec();
                var outcome = decoder.Pixels(bytes, spec, output[..spec.RowLength]);
                length = outcome.IsOk ? spec.RowLength : 0;
                return outcome;
            case DecoderMessages.Result.Thumbnail:
                var thumbnail = decoder.Thumbnail(bytes, request.LongestSide, out var webp);
                webp.CopyTo(output);
                length = webp.Length;
                return thumbnail;
            default:
                var bounded = decoder.Bounded(bytes, request.LongestSide, out var pixels);
                length = pixels is null ? 0 : BoundedResult.Write(pixels, output);
                return bounded;
        }
    }

    private static void Send(DecoderMessages.Answer answer, string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? string.Empty);
        answer.TextLength = Math.Min(bytes.Length, DecoderMessages.MaxTextBytes);
        _ = Descriptors.Write(Answers, answer);
        _ = Descriptors.Write(Answers, bytes.AsSpan(0, answer.TextLength));
    }

    private static int Index(IReadOnlyList<string> names, string name)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == name)
            {
                return i;
            }
        }

        throw new InvalidOperationException($"{name} is not on the list");
    }
}
