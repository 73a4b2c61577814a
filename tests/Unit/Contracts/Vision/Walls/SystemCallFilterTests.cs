using CpfPipeline.Vision.Walls;
using Xunit;
using Machine = System.Runtime.InteropServices.Architecture;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Walls;

/// <summary>The filter, run as the kernel runs it, with the numbers of both architectures.</summary>
public sealed class SystemCallFilterTests
{
    private const int Own = 4711;
    private const uint X64 = 0xC000_003E;
    private const uint Arm64 = 0xC000_00B7;

    [Theory]
    [InlineData(Machine.X64, X64, 1, SystemCallFilter.Allow)] // write
    [InlineData(Machine.Arm64, Arm64, 64, SystemCallFilter.Allow)]
    [InlineData(Machine.Arm64, Arm64, 1, SystemCallFilter.Forbid)] // x86-64's number of write
    [InlineData(Machine.X64, X64, 2, SystemCallFilter.Forbid)] // open
    [InlineData(Machine.X64, X64, 257, SystemCallFilter.Forbid)] // openat
    [InlineData(Machine.Arm64, Arm64, 56, SystemCallFilter.Forbid)]
    [InlineData(Machine.X64, X64, 41, SystemCallFilter.Forbid)] // socket
    [InlineData(Machine.Arm64, Arm64, 198, SystemCallFilter.Forbid)]
    [InlineData(Machine.X64, X64, 59, SystemCallFilter.Forbid)] // execve
    [InlineData(Machine.Arm64, Arm64, 221, SystemCallFilter.Forbid)]
    [InlineData(Machine.X64, X64, 435, SystemCallFilter.SayMissing)] // clone3
    [InlineData(Machine.X64, X64, 0x4000_0001, SystemCallFilter.Forbid)] // x32's write
    [InlineData(Machine.X64, 0x4000_0003u, 4, SystemCallFilter.EndProcess)] // i386's write
    [InlineData(Machine.X64, X64, 9999, SystemCallFilter.Forbid)]
    public void Program_ByNumber_Decides(Machine architecture, uint seen, int number, uint verdict) =>
        Assert.Equal(verdict, Run(architecture, seen, number));

    [Theory]
    [InlineData(56, 0x3D0F00ul, 0ul, SystemCallFilter.Allow)] // clone: a thread
    [InlineData(56, 17ul, 0ul, SystemCallFilter.Forbid)] // a process
    [InlineData(234, (ulong)Own, 0ul, SystemCallFilter.Allow)] // tgkill
    [InlineData(234, 1ul, 0ul, SystemCallFilter.Forbid)]
    [InlineData(203, 0ul, 0ul, SystemCallFilter.Allow)] // sched_setaffinity
    [InlineData(203, 1ul, 0ul, SystemCallFilter.Forbid)]
    [InlineData(302, 0ul, 0ul, SystemCallFilter.Allow)] // prlimit64
    [InlineData(302, 0ul, 0x7FFF_0000ul, SystemCallFilter.Forbid)]
    [InlineData(302, 0ul, 0x1_0000_0000ul, SystemCallFilter.Forbid)]
    [InlineData(157, 15ul, 0ul, SystemCallFilter.Allow)] // prctl: a thread's name
    [InlineData(157, 0x5356_4D41ul, 0ul, SystemCallFilter.Allow)]
    [InlineData(157, 4ul, 1ul, SystemCallFilter.Forbid)] // dumpable
    public void Program_ByArguments_Decides(int number, ulong first, ulong third, uint verdict) =>
        Assert.Equal(verdict, Run(Machine.X64, X64, number, first, 0, third));

    [Theory]
    [InlineData(0x02ul, SystemCallFilter.Allow)] // private
    [InlineData(0x22ul, SystemCallFilter.Allow)] // private, anonymous
    [InlineData(0x01ul, SystemCallFilter.Forbid)] // shared, of an open file
    [InlineData(0x03ul, SystemCallFilter.Forbid)] // shared, flags checked
    [InlineData(0x122ul, SystemCallFilter.Forbid)] // a stack that grows
    [InlineData(0x21ul, SystemCallFilter.Forbid)] // shared, anonymous
    public void Program_Mapping_MayOnlyBePrivateMemory(ulong flags, uint verdict) =>
        Assert.Equal(verdict, Run(Machine.X64, X64, 9, 0, 0, 0, flags));

    private static uint Run(Machine architecture, uint seen, int number, params ulong[] arguments)
    {
        var program = SystemCallFilter.Program(architecture, Own);
        uint Word(uint offset) => offset switch
        {
            0 => (uint)number,
            4 => seen,
            _ => (offset - 16) / 8 is var argument && argument < arguments.Length
                ? (uint)(arguments[argument] >> ((offset - 16) % 8 == 0 ? 0 : 32)) : 0,
        };
        var accumulator = 0u;
        for (var at = 0; ; at++)
        {
            var step = program[at];
            switch (step.Code)
            {
                case FilterStep.LoadWord:
                    accumulator = Word(step.Value);
                    break;
                case FilterStep.JumpIfEqual:
                    at += accumulator == step.Value ? step.IfTrue : step.IfFalse;
                    break;
                case FilterStep.JumpIfAnySet:
                    at += (accumulator & step.Value) != 0 ? step.IfTrue : step.IfFalse;
                    break;
                default:
                    return step.Value;
            }
        }
    }
}
