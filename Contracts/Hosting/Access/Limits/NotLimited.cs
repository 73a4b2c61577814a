namespace CpfPipeline.Hosting.Access.Limits;

/// <summary>Of an endpoint that answers however much is asked: probes of a supervisor must not fail because strangers ask a lot.</summary>
public sealed class NotLimited
{
    private NotLimited()
    {
    }

    /// <summary>The mark.</summary>
    public static NotLimited Mark { get; } = new();
}
