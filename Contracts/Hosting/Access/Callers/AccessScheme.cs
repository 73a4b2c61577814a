namespace CpfPipeline.Hosting.Access.Callers;

/// <summary>The ways to sign in.</summary>
public static class AccessScheme
{
    /// <summary>Chooses one of the others by what a request carries.</summary>
    public const string Any = "cpf";

    /// <summary>A key of ours in a header.</summary>
    public const string Key = "key";

    /// <summary>A JSON web token of an issuer that is configured.</summary>
    public const string Token = "token";

    /// <summary>A person who signs in at that issuer; what the browser keeps then is <see cref="Cookie"/>.</summary>
    public const string Person = "person";

    /// <summary>A browser that signed in.</summary>
    public const string Cookie = "cookie";

    /// <summary>Nothing; <c>Access:Anonymous</c> lists what that may do.</summary>
    public const string Anonymous = "anonymous";
}
