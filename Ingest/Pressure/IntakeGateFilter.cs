using System.Globalization;
using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Answers 429 with <c>Retry-After</c> while no more is taken, before a body of pictures is read. What was admitted must keep sending: who
/// sends a byte now and then would hold a place for ever.
/// </summary>
internal class IntakeGateFilter(IntakeGate gate, IOptions<IngestOptions> options) : IEndpointFilter
{
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(3);

    /// <summary>Whether requests are taken although no pictures are: they cost a place only.</summary>
    protected virtual bool TakesWhenClosed => false;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var caller = Caller.Of(context.HttpContext).Subject;
        if (gate.TryEnter(caller, TakesWhenClosed) is { } why)
        {
            var seconds = Math.Max(1, (int)Math.Ceiling(options.Value.RetryAfter.TotalSeconds));
            context.HttpContext.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
            return Results.Problem(why, statusCode: StatusCodes.Status429TooManyRequests);
        }

        try
        {
            if (context.HttpContext.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
            {
                rate.MinDataRate = new MinDataRate(options.Value.MinBodyBytesPerSecond, BodyGrace);
            }

            return await next(context);
        }
        finally
        {
            gate.Leave(caller);
        }
    }
}
