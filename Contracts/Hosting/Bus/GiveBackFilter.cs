using CpfPipeline.Hosting.Outages;
using MassTransit;

namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Gives a message back to its queue when a server was broken for as long as a message may wait, or when it failed together with others:
/// nothing says yet that it failed by itself, so it belongs in no error queue. The broker's delivery limit bounds how often.
/// </summary>
internal sealed class GiveBackFilter : IFilter<ExceptionReceiveContext>
{
    public Task Send(ExceptionReceiveContext context, IPipe<ExceptionReceiveContext> next) =>
        context.Exception is BatchFaultedException || Outage.IsWithin(context.Exception)
            ? Task.FromException(context.Exception) // The transport answers an exception with a negative acknowledgement.
            : next.Send(context);

    public void Probe(ProbeContext context) => context.CreateScope("giveBack");
}
