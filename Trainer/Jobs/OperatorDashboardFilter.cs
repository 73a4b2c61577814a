using System.Text;
using CpfPipeline.Hosting.Operators;
using Hangfire.Dashboard;

namespace CpfPipeline.Trainer.Jobs;

/// <summary>
/// Opens the dashboard to requests with the operator's token as the password of basic authentication, and any user name. Requests from
/// this machine need it too.
/// </summary>
internal sealed class OperatorDashboardFilter(OperatorToken token) : IDashboardAuthorizationFilter
{
    private const string Scheme = "Basic ";

    public bool Authorize(DashboardContext context)
    {
        var http = context.GetHttpContext();
        if (token.Matches(PasswordOf(http.Request.Headers.Authorization.ToString())))
        {
            return true;
        }

        http.Response.Headers.WWWAuthenticate = "Basic realm=\"CpfPipeline\", charset=\"UTF-8\"";
        return false;
    }

    /// <summary>The password in an Authorization header; null when there is none.</summary>
    internal static string? PasswordOf(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), buffer, out var length))
        {
            return null;
        }

        var pair = Encoding.UTF8.GetString(buffer, 0, length);
        var colon = pair.IndexOf(':', StringComparison.Ordinal);
        return colon < 0 ? null : pair[(colon + 1)..];
    }
}
