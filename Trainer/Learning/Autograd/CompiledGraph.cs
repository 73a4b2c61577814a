using CpfPipeline.Learning.Autograd.Nodes;
using CpfPipeline.Learning.Autograd.Operators;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Autograd;

/// <summary>A graph ready to run.</summary>
/// <param name="Start">Values by slot before the first step: weights and constants.</param>
/// <param name="Steps">In the order they run.</param>
/// <param name="Input">Slot of the graph's input.</param>
/// <param name="Output">Slot of the wanted output.</param>
/// <param name="Weights">What learns, by name, in the order of first use.</param>
/// <param name="Statistics">Running statistics, by name, in the order of first use.</param>
internal sealed record CompiledGraph(
    Tensor?[] Start,
    IReadOnlyList<GraphStep> Steps,
    int Input,
    int Output,
    IReadOnlyList<(string Name, Parameter Value)> Weights,
    IReadOnlyList<(string Name, Tensor Value)> Statistics)
{
    /// <summary>Runs all steps; the result belongs to the caller's dispose scope.</summary>
    public Tensor Run(Tensor input, bool useBatchStatistics)
    {
        using var scope = NewDisposeScope();
        var frame = new Frame((Tensor?[])Start.Clone(), useBatchStatistics);
        frame.Set(Input, input);
        foreach (var step in Steps)
        {
            var results = step.Compute(frame);
            for (var i = 0; i < step.Outputs.Length; i++)
            {
                if (step.Outputs[i] >= 0)
                {
                    frame.Set(step.Outputs[i], results[i]);
                }
            }

            foreach (var slot in step.Released)
            {
                frame.Release(slot);
            }
        }

        return frame[Output].MoveToOuterDisposeScope();
    }
}

/// <summary>One node.</summary>
/// <param name="Compute">Gives its outputs.</param>
/// <param name="Outputs">Their slots, -1 for one without a name.</param>
/// <param name="Released">Slots that no later step reads.</param>
internal sealed record GraphStep(Computation Compute, int[] Outputs, int[] Released);
