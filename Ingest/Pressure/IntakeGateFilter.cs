using System.Globalization;

namespace CpfPipeline.Ingest.Pressure;

/// <summary>Answers 429 with <c>Retry-After</c> while no more is taken, before the body is read.</summary>
/// <param name="gate">Decides.</param>
/// <param name="way">What the endpoint takes in.</param>
/// <param name="maxBytes">Bytes that a body of unknown length may hold in memory; 0 where bodies are small.</param>
internal sealed class IntakeGateFilter(IntakeGate gate, IntakeWay way, long maxBytes = 0) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var bytes = maxBytes == 0 ? 0 : context.HttpContext.Request.ContentLength ?? maxBytes;
        if (gate.TryEnter(way, bytes) is { } why)
        {
            context.HttpContext.Response.Headers.RetryAfter =
                ((long)gate.ComeAgainAfter().TotalSeconds).ToString(CultureInfo.InvariantCulture);
            return Results.Problem(why, statusCode: StatusCodes.Status429TooManyRequests);
        }

        try
        {
            return await next(context);
        }
        finally
        {
            gate.Leave(bytes);
        }
    }
}
