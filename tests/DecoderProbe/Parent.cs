using System.Text;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.DecoderProbe;

/// <summary>Has two decoders, one idle and one busy without end; prints their numbers.</summary>
internal static class Parent
{
    public static int Run(string program)
    {
        using var pool = new DecoderPool(
            new DecoderSettings { Command = new DecoderCommand(program), Limits = new ImageLimits(), Count = 2 }, TimeProvider.System);
        pool.Start();
        Console.WriteLine(string.Join(' ', pool.ProcessIds));
        var spec = new InputSpec(8, 8, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);
        byte[] hang = [0xFF, 0xD8, 0xFF, .. Encoding.ASCII.GetBytes("hang")];
        return pool.Decode(hang, spec, new float[spec.RowLength]).IsOk ? 0 : 1;
    }
}
