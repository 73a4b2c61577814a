using System.Security.Claims;
using CpfPipeline.Data.Access;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Hosting.Access.Callers;

/// <summary>Who sent a request, and what they may do.</summary>
public sealed class Caller
{
    private const int MaxNameLength = 200;

    private readonly ClaimsPrincipal _user;

    private Caller(ClaimsPrincipal user, string? address) => (_user, Address) = (user, address);

    /// <summary>Where the request came from.</summary>
    public string? Address { get; }

    /// <summary>Name of the key, or of the person that a token names.</summary>
    public string Name => _user.FindFirstValue(CallerIdentity.Name) ?? CallerIdentity.Anonymous;

    /// <summary>The same as an identity.</summary>
    public string Subject => _user.FindFirstValue(CallerIdentity.Subject) ?? CallerIdentity.Anonymous;

    /// <summary>How they signed in; see <see cref="AccessScheme"/>. Null: not at all.</summary>
    public string? Scheme => _user.Identity?.AuthenticationType;

    /// <summary>Public id of the key that they signed in with, or null.</summary>
    public string? KeyId => Subject.StartsWith(CallerIdentity.KeySubject, StringComparison.Ordinal)
        ? Subject[CallerIdentity.KeySubject.Length..] : null;

    /// <summary>For the audit.</summary>
    public Actor Actor => new(Name, Subject, Address);

    /// <summary>Whose word something is, and who asked.</summary>
    /// <param name="said">The name that the request gives, or null.</param>
    public Speaker Speaker(string? said) => new(SpeaksFor(said), Actor);

    /// <summary>Who sent a request.</summary>
    public static Caller Of(HttpContext http) => new(http.User, Normal(http)?.ToString());

    /// <summary>Whether their roles are cut, because the database cannot be asked.</summary>
    public bool IsRemembered => _user.HasClaim(c => c.Type == CallerIdentity.Remembered);

    /// <summary>Whether they have a role.</summary>
    public bool Has(string role) => _user.HasClaim(CallerIdentity.Role, role);

    /// <summary>Whether they may submit to a source.</summary>
    public bool MaySubmitTo(string? source) => Has(AccessRole.Submit)
        && (_user.HasClaim(CallerIdentity.Source, CallerIdentity.EverySource)
            || (source is not null && source != CallerIdentity.EverySource && _user.HasClaim(CallerIdentity.Source, source)));

    /// <summary>Sources that they may submit to; null: all.</summary>
    public IReadOnlyList<string>? SubmitsTo => !Has(AccessRole.Submit) ? []
        : _user.HasClaim(CallerIdentity.Source, CallerIdentity.EverySource) ? null
        : [.. _user.FindAll(CallerIdentity.Source).Select(c => c.Value)];

    /// <summary>Sources whose images, feeds and schedules they may look at; null: all. Who submits may follow what they submit.</summary>
    public IReadOnlyList<string>? Sees => Has(AccessRole.Read) ? null : SubmitsTo;

    /// <summary>Whether they may say global product keys, which count for all sources. Who may submit to all may.</summary>
    public bool GivesGlobalKeys => Has(AccessRole.Submit)
        && (SubmitsTo is null || _user.HasClaim(c => c.Type == CallerIdentity.GlobalKeys));

    /// <summary>
    /// Whether they may say whose word it is: a key that operates the pipeline, such as that of a machine for the one who sits there, or a
    /// gateway that keeps to itself whom it let in. Anybody else gives their own word. The audit names the caller all the same.
    /// </summary>
    public bool SpeaksForOthers => Scheme == AccessScheme.Anonymous || (KeyId is not null && Has(AccessRole.Operate));

    /// <summary>Whose word something is.</summary>
    /// <param name="said">The name that the request gives, or null.</param>
    public string SpeaksFor(string? said) => SpeaksForOthers && !string.IsNullOrWhiteSpace(said) ? said
        : Name.Length > MaxNameLength ? Name[..MaxNameLength] : Name;

    private static System.Net.IPAddress? Normal(HttpContext http) => http.Connection.RemoteIpAddress switch
    {
        { IsIPv4MappedToIPv6: true } mapped => mapped.MapToIPv4(),
        var address => address,
    };
}
