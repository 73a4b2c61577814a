using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Guard;

/// <summary>Which hosts may be asked at all, told from the URI alone: before any look-up of a name.</summary>
internal sealed class HostRule(IOptions<IngestOptions> options)
{
    private readonly HostList _allowed = new(options.Value.AllowedHosts);
    private readonly HostList _denied = new(options.Value.DeniedHosts);

    /// <summary>Why a host is no name, although it reads like one, or null.</summary>
    /// <param name="host">As in a URI, or as <see cref="HostName.Of"/> gives it.</param>
    public static (string Reason, string Detail)? CheckSpelling(string host) => HostName.IsMisspelledAddress(host)
        ? (RejectReasons.InvalidUri, $"The host {host} ends in a number but is no IPv4 address.")
        : null;

    /// <summary>Why the host may not be asked, or null.</summary>
    public (string Reason, string Detail)? Check(Uri uri)
    {
        string host;
        try
        {
            host = HostName.Of(uri);
        }
        catch (UriFormatException)
        {
            // The parser accepts names that cannot be written in ASCII. They fail only when that form is asked for.
            return (RejectReasons.InvalidUri, "The URI's host is not a valid name.");
        }

        if (CheckSpelling(host) is { } misspelled)
        {
            return misspelled;
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
