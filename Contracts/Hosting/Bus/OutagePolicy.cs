using CpfPipeline.Data.Outages;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Has a message wait while a server is broken, or may be. It stays unacknowledged, so that no more are taken than the prefetch allows.
/// </summary>
/// <param name="pauses">Gives the pauses of a message that failed; see <see cref="RetryPauses.OfOutages"/>.</param>
internal sealed class OutagePolicy(Func<TimeSpan[]> pauses) : IRetryPolicy
{
    public RetryPolicyContext<T> CreatePolicyContext<T>(T context)
        where T : class, PipeContext => Retry.Intervals(new OutageFilter(), pauses()).CreatePolicyContext(context);

    public bool IsHandled(Exception exception) => Outage.IsOne(exception);

    public void Probe(ProbeContext context) => context.CreateScope("outage");

    private sealed class OutageFilter : IExceptionFilter
    {
        public bool Match(Exception exception) => Outage.IsOne(exception);

        public void Probe(ProbeContext context) => context.CreateScope("outage");
    }
}
