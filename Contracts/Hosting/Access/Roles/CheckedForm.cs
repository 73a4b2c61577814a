namespace CpfPipeline.Hosting.Access.Roles;

/// <summary>
/// Of an endpoint that tells its own forms from those of other sites, in a way that the framework does not see. Others take no changes from
/// a browser's cookie.
/// </summary>
public sealed class CheckedForm
{
    private CheckedForm()
    {
    }

    /// <summary>The mark.</summary>
    public static CheckedForm Mark { get; } = new();
}
