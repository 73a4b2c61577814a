using TorchSharp.Modules;
using static CpfPipeline.Learning.Torch.ScalarLifetime;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.Optimisation;

/// <summary>
/// AdamW (Loshchilov and Hutter, Decoupled Weight Decay Regularization, ICLR 2019, algorithm 2; beta 0.9 and 0.999, epsilon 1e-8), a rate
/// and a decay for each parameter.
/// </summary>
/// <remarks>Its state is a list of plain tensors, so that a checkpoint holds all of it and a resumed run goes on to the bit.</remarks>
internal sealed class ResumableAdamW : IDisposable
{
    private const double Beta1 = .9;
    private const double Beta2 = .999;
    private const double Epsilon = 1e-8;

    private readonly List<ParameterSlot> _slots = [];

    private sealed record ParameterSlot(Parameter Value, double Rate, double Decay, Tensor Mean, Tensor Square);

    /// <summary>First and second moments, in the order of adding.</summary>
    public IEnumerable<Tensor> Moments => _slots.SelectMany(s => new[] { s.Mean, s.Square });

    /// <param name="value">What to change; not owned.</param>
    /// <param name="rate">Base learning rate.</param>
    /// <param name="decay">Decay per step, times the learning rate.</param>
    public void Add(Parameter value, double rate, double decay)
    {
        var slot = new ParameterSlot(value, rate, decay, zeros_like(value, requires_grad: false), zeros_like(value, requires_grad: false));
        slot.Mean.DetachFromDisposeScope();
        slot.Square.DetachFromDisposeScope();
        _slots.Add(slot);
    }

    public void ZeroGradients()
    {
        foreach (var slot in _slots)
        {
            slot.Value.grad?.zero_();
        }
    }

    /// <summary>Changes the parameters by their gradients.</summary>
    /// <param name="step">How many steps have been before.</param>
    /// <param name="factor">On all base rates.</param>
    public void Step(int step, double factor)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var (first, second) = (1 - Math.Pow(Beta1, step + 1), Math.Sqrt(1 - Math.Pow(Beta2, step + 1)));
        foreach (var (value, baseRate, decay, mean, square) in _slots)
        {
            if (value.grad is not { } gradient || baseRate == 0)
            {
                continue;
            }

            var rate = baseRate * factor;
            mean.mul_(Hold(Beta1)).add_(gradient, Hold(1 - Beta1));
            square.mul_(Hold(Beta2)).addcmul_(gradient, gradient, Hold(1 - Beta2));
            value.mul_(Hold(1 - (rate * decay)));
            value.addcdiv_(mean, square.sqrt().div_(Hold(second)).add_(Hold(Epsilon)), Hold(-rate / first));
        }
    }

    public void Dispose()
    {
        foreach (var moment in Moments)
        {
            moment.Dispose();
        }
    }
}
