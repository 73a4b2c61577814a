using CpfPipeline.Hosting.Outages;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Has a message wait while a server is broken. It stays unacknowledged, so that no more are taken than the prefetch allows.
/// </summary>
/// <param name="pauses">Gives the pauses of a message; see <see cref="RetryPauses.OfOutages"/>.</param>
internal sealed class OutagePolicy(Func<TimeSpan[]> pauses) : IRetryPolicy
{
    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext => Policy().CreatePolicyContext(context);

    public bool IsHandled(Exception exception) => Outage.IsWithin(exception);

    public void Probe(ProbeContext context) => context.CreateScope("outage");

    private IRetryPolicy Policy() => Retry.Intervals(new OutageFilter(), pauses());

    private sealed class OutageFilter : IExceptionFilter
    {
        public bool Match(Exception exception) => Outage.IsWithin(exception);

        public void Probe(ProbeContext context) => context.CreateScope("outage");
    }
}
