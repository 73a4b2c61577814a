using System.Runtime.InteropServices;

namespace CpfPipeline.Vision.Walls;

/// <summary>
/// The filter of <see cref="SystemCallList"/> as a program for the kernel. It is an allow list: what it does not name fails with "not
/// permitted", so a runtime that asks for something unneeded goes on without it. Calls of another architecture end the process.
/// </summary>
internal static class SystemCallFilter
{
    public const uint Allow = 0x7FFF_0000;
    public const uint Forbid = 0x0005_0000 | 1; // EPERM
    public const uint SayMissing = 0x0005_0000 | 38; // ENOSYS
    public const uint EndProcess = 0x8000_0000;

    // struct seccomp_data: int nr, __u32 arch, __u64 instruction_pointer, __u64 args[6].
    private const uint Number = 0;
    private const uint ArchitectureWord = 4;
    private const uint FirstArgument = 16;

    private const uint CloneThread = 0x1_0000;
    private const uint SharedOrGrowing = 0x1 | 0x100;
    private const uint SetThreadName = 15;
    private const uint SetMemoryName = 0x5356_4D41;

    /// <param name="architecture">X64 or Arm64.</param>
    /// <param name="processId">The process that the filter is for.</param>
    public static FilterStep[] Program(Architecture architecture, int processId)
    {
        var steps = new List<FilterStep>
        {
            Load(ArchitectureWord),
            new(FilterStep.JumpIfEqual, 1, 0, architecture == Architecture.X64 ? 0xC000_003E : 0xC000_00B7),
            Return(EndProcess),
            Load(Number),
        };
        foreach (var call in SystemCallList.Free)
        {
            When(steps, call.On(architecture), Return(Allow));
        }

        When(steps, SystemCallList.Clone3.On(architecture), Return(SayMissing));
        When(
            steps, SystemCallList.Clone.On(architecture),
            Load(Low(0)), new(FilterStep.JumpIfAnySet, 0, 1, CloneThread), Return(Allow), Return(Forbid));
        When(
            steps, SystemCallList.Map.On(architecture),
            Load(Low(3)), new(FilterStep.JumpIfAnySet, 0, 1, SharedOrGrowing), Return(Forbid), Return(Allow));
        When(
            steps, SystemCallList.Affinity.On(architecture),
            Load(Low(0)), new(FilterStep.JumpIfEqual, 0, 1, 0), Return(Allow), Return(Forbid));
        When(
            steps, SystemCallList.SignalThread.On(architecture),
            Load(Low(0)), new(FilterStep.JumpIfEqual, 0, 1, (uint)processId), Return(Allow), Return(Forbid));
        When(
            steps, SystemCallList.Limits.On(architecture),
            Load(Low(2)), new(FilterStep.JumpIfEqual, 0, 3, 0), Load(High(2)), new(FilterStep.JumpIfEqual, 0, 1, 0), Return(Allow),
            Return(Forbid));
        When(
            steps, SystemCallList.ProcessControl.On(architecture),
            Load(Low(0)), new(FilterStep.JumpIfEqual, 1, 0, SetThreadName), new(FilterStep.JumpIfEqual, 0, 1, SetMemoryName), Return(Allow),
            Return(Forbid));
        steps.Add(Return(Forbid));
        return [.. steps];
    }

    private static void When(List<FilterStep> steps, int? number, params ReadOnlySpan<FilterStep> then)
    {
        if (number is { } n)
        {
            steps.Add(new(FilterStep.JumpIfEqual, 0, (byte)then.Length, (uint)n));
            steps.AddRange(then);
        }
    }

    private static FilterStep Load(uint offset) => new(FilterStep.LoadWord, 0, 0, offset);

    private static FilterStep Return(uint verdict) => new(FilterStep.Return, 0, 0, verdict);

    // Both architectures are little-endian.
    private static uint Low(uint argument) => FirstArgument + (8 * argument);

    private static uint High(uint argument) => Low(argument) + 4;
}
