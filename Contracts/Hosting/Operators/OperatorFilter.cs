using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Operators;

/// <summary>
/// Admits only requests that carry the operator's token. Feeds read files of the machine, erasures destroy data, and a run replaces the
/// active model.
/// </summary>
/// <param name="token">The service's own.</param>
public sealed class OperatorFilter(OperatorToken token) : IEndpointFilter
{
    /// <summary>Header that carries the token.</summary>
    public const string Header = "X-Cpf-Operator";

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        token.Matches(context.HttpContext.Request.Headers[Header].ToString())
            ? await next(context)
            : Results.Problem(
                token.IsSet
                    ? $"The header {Header} must carry the operator's token."
                    : $"Changes are disabled: {token.Setting} is not set.",
                statusCode: StatusCodes.Status401Unauthorized);
}
