namespace CpfPipeline.Hosting.Access.Callers;

/// <summary>Feature of a request with a token that nobody could check: the issuer does not answer.</summary>
public sealed class IssuerAway
{
    private IssuerAway()
    {
    }

    /// <summary>The mark.</summary>
    public static IssuerAway Mark { get; } = new();
}
