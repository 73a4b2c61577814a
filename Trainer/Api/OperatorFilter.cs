namespace CpfPipeline.Trainer.Api;

/// <summary>Lets in who knows the operator's token: a run replaces the model that everything is matched by.</summary>
internal sealed class OperatorFilter(OperatorToken token) : IEndpointFilter
{
    /// <summary>Header that carries the token.</summary>
    public const string Header = "X-Cpf-Operator";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        token.Matches(context.HttpContext.Request.Headers[Header].ToString())
            ? await next(context)
            : Results.Problem(
                token.IsSet ? $"The header {Header} must carry the operator's token." : "Changes are disabled: Trainer:OperatorToken is not set.",
                statusCode: StatusCodes.Status401Unauthorized);
}
