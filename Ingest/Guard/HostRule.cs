using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Guard;

/// <summary>Which hosts may be asked at all, told from the URI alone: before any look-up of a name.</summary>
internal sealed class HostRule(IOptions<IngestOptions> options)
{
    private readonly HostList _allowed = new(options.Value.AllowedHosts);
    private readonly HostList _denied = new(options.Value.DeniedHosts);

    /// <summary>Why the host may not be asked, or null.</summary>
    /// <exception cref="UriFormatException">The host cannot be written in ASCII.</exception>
    public (string Reason, string Detail)? Check(Uri uri)
    {
        var host = HostName.Of(uri);
        if (HostName.IsMisspelledAddress(host))
        {
            return (RejectReasons.InvalidUri, $"The host {host} ends in a number but is no IPv4 address.");
        }

        if (_denied.Contains(host))
        {
            return (RejectReasons.HostNotAllowed, $"{host} is on the list of denied hosts.");
        }

        return _allowed.IsEmpty || _allowed.Contains(host)
            ? null
            : (RejectReasons.HostNotAllowed, $"{host} is not on the list of allowed hosts.");
    }
}
