using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>
/// Checks AWS Signature Version 4 of a request as a server does ("Authenticating Requests: Using the Authorization Header", API Reference
/// of Amazon S3): date, key, every signed header, the query, and the hash of the whole body.
/// </summary>
internal static class RequestSignature
{
    private const string Algorithm = "AWS4-HMAC-SHA256";
    private static readonly TimeSpan MaxSkew = TimeSpan.FromMinutes(15);

    /// <summary>Why the request is refused: an error code of S3; null when it is signed rightly.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its whole body.</param>
    /// <param name="accessKey">The key that is known.</param>
    /// <param name="secret">Its secret.</param>
    public static string? WhyNot(HttpRequest request, byte[] body, string accessKey, string secret)
    {
        var authorization = request.Headers.Authorization.ToString();
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal))
        {
            return "AccessDenied";
        }

        var parts = authorization[(Algorithm.Length + 1)..].Split(',', StringSplitOptions.TrimEntries)
            .Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => p[1]);
        var credential = parts["Credential"].Split('/');
        if (credential[0] != accessKey)
        {
            return "InvalidAccessKeyId";
        }

        var date = request.Headers["X-Amz-Date"].ToString();
        var at = DateTimeOffset.ParseExact(date, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        if ((TimeProvider.System.GetUtcNow() - at).Duration() > MaxSkew)
        {
            return "RequestTimeTooSkewed";
        }

        var claimed = request.Headers["X-Amz-Content-SHA256"].ToString();
        if (claimed.Length != 64)
        {
            return "NotImplemented"; // Bodies in signed chunks, or unsigned: stores other than AWS may not know them.
        }

        if (claimed != Convert.ToHexStringLower(SHA256.HashData(body)))
        {
            return "XAmzContentSHA256Mismatch";
        }

        var signed = parts["SignedHeaders"];
        if (!signed.Split(';').Contains("x-amz-content-sha256") || !signed.Split(';').Contains("host"))
        {
            return "SignatureDoesNotMatch";
        }

        var scope = string.Join('/', credential[1..]);
        var text = $"{Algorithm}\n{date}\n{scope}\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(request, signed, claimed))))}";
        var key = credential[1..].Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), Sign);
        return CryptographicOperations.FixedTimeEquals(
            Encoding.ASCII.GetBytes(Hex(Sign(key, text))), Encoding.ASCII.GetBytes(parts["Signature"])) ? null : "SignatureDoesNotMatch";
    }

    private static string Canonical(HttpRequest request, string signed, string bodyHash)
    {
        var target = request.HttpContext.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2);
        var query = target.Length == 1 ? "" : string.Join('&', target[1].Split('&', StringSplitOptions.RemoveEmptyEntries)
            .Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=").Order(StringComparer.Ordinal));
        var headers = string.Concat(signed.Split(';').Select(name => $"{name}:{request.Headers[name].ToString().Trim()}\n"));
        return $"{request.Method}\n{target[0]}\n{query}\n{headers}\n{signed}\n{bodyHash}";
    }

    private static byte[] Sign(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
