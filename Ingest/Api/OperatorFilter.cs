using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest;

/// <summary>Lets in who knows the operator's token: feeds read files of the machine, erasures destroy.</summary>
internal sealed class OperatorFilter(IOptions<IngestOptions> options) : IEndpointFilter
{
    /// <summary>Header that carries the token.</summary>
    public const string Header = "X-Cpf-Operator";

    private readonly byte[] _expected = SHA256.HashData(Encoding.UTF8.GetBytes(options.Value.OperatorToken));
    private readonly bool _enabled = options.Value.OperatorToken.Length > 0;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        // Hashes have one length, so the comparison tells nothing about the token's.
        var given = SHA256.HashData(Encoding.UTF8.GetBytes(context.HttpContext.Request.Headers[Header].ToString()));
        return _enabled && CryptographicOperations.FixedTimeEquals(given, _expected)
            ? await next(context)
            : Results.Problem(
                _enabled ? $"The header {Header} must carry the operator's token." : "Feeds and erasures are disabled: Ingest:OperatorToken is not set.",
                statusCode: StatusCodes.Status401Unauthorized);
    }
}
