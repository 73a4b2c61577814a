namespace CpfPipeline.Learning.Optimisation;

/// <summary>The loss became NaN or infinite: training stops, nothing is exported.</summary>
public sealed class LossIsNotFiniteException : Exception
{
    public LossIsNotFiniteException()
    {
    }

    public LossIsNotFiniteException(string message)
        : base(message)
    {
    }

    public LossIsNotFiniteException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>At a step, with what to try.</summary>
    internal static LossIsNotFiniteException At(int step) => new(
        $"the loss is not a number at step {step}: lower --head-rate, --centre-rate or --backbone-rate, and look for pictures or features that are not finite");
}
