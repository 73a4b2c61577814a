using System.Globalization;
using CpfPipeline.Hosting.Access.Callers;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>
/// Answers 429 with <c>Retry-After</c> while no more is taken, before the body is read. What was admitted must keep sending: who sends a
/// byte now and then would hold a place for ever.
/// </summary>
/// <param name="gate">Decides.</param>
/// <param name="options">Settings.</param>
/// <param name="way">What the endpoint takes in.</param>
/// <param name="maxBytes">Bytes that a body of unknown length may hold in memory; 0 where bodies are small.</param>
internal class IntakeGateFilter(IntakeGate gate, IOptions<IngestOptions> options, IntakeWay way, long maxBytes = 0) : IEndpointFilter
{
    private static readonly TimeSpan BodyGrace = TimeSpan.FromSeconds(3);

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var caller = Caller.Of(context.HttpContext).Subject;
        var bytes = maxBytes == 0 ? 0 : context.HttpContext.Request.ContentLength ?? maxBytes;
        if (gate.TryEnter(caller, way, bytes) is { } why)
        {
            context.HttpContext.Response.Headers.RetryAfter =
                ((long)gate.ComeAgainAfter().TotalSeconds).ToString(CultureInfo.InvariantCulture);
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
            gate.Leave(caller, bytes);
        }
    }
}
