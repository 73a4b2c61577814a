using System.Text;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Tests.Integration.Contracts.Vision.Decoders;

/// <summary>A pool whose processes do what a picture asks of them, see tests/DecoderProbe.</summary>
internal static class ProbePool
{
    public static readonly InputSpec Small = new(16, 16, ResizeRule.Squash, [.4f, .5f, .6f], [.2f, .3f, .4f]);

    public static string Program { get; } = Path.Combine(AppContext.BaseDirectory, "CpfPipeline.Tests.DecoderProbe.dll");

    public static DecoderSettings Settings(int count = 1) => new()
    {
        Command = new DecoderCommand(Program), Limits = new ImageLimits(), Count = count,
        RequiredWalls = Wall.SystemCalls | Wall.Limits | Wall.NotDumpable | Wall.NoNewPrivileges,
    };

    public static DecoderPool Of(DecoderSettings settings) => new(settings, TimeProvider.System);

    /// <summary>A file that asks for something.</summary>
    public static byte[] Asking(string word) => [0xFF, 0xD8, 0xFF, .. Encoding.ASCII.GetBytes(word)];

    public static DecodeOutcome Ask(this DecoderPool pool, string word) => pool.Decode(Asking(word), Small, new float[Small.RowLength]);
}
