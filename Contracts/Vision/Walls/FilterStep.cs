using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Walls;

/// <summary>One instruction of a packet filter, as the kernel reads it (linux/filter.h).</summary>
/// <param name="Code">What to do.</param>
/// <param name="IfTrue">Instructions to skip when the comparison holds.</param>
/// <param name="IfFalse">Instructions to skip when it does not.</param>
/// <param name="Value">The operand.</param>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FilterStep(ushort Code, byte IfTrue, byte IfFalse, uint Value)
{
    public const ushort LoadWord = 0x20;
    public const ushort JumpIfEqual = 0x15;
    public const ushort JumpIfAnySet = 0x45;
    public const ushort Return = 0x06;
}
