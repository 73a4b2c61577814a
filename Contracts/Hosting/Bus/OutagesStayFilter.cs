using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Gives a message back to its queue when a server was broken for as long as a message may wait: it did not fail by itself, and belongs
/// in no error queue. The broker's delivery limit bounds how often.
/// </summary>
internal sealed class OutagesStayFilter : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        OutagePolicy.IsOutage(context.Exception)
            ? Task.FromException(context.Exception) // The transport answers an exception with a negative acknowledgement.
            : next.Send(context);

    public void Probe(ProbeContext context) => context.CreateScope("outagesStay");
}
