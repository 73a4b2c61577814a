namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// How long a service takes to stop. Consumers may finish what they hold; what they do not finish goes back into its queue. A kill after
/// <see cref="Patience"/> loses nothing either, but it makes other processes repeat work.
/// </summary>
public static class ServiceShutdown
{
    /// <summary>The bus waits so long for its consumers.</summary>
    public static readonly TimeSpan BusPatience = TimeSpan.FromSeconds(20);

    /// <summary>The whole service may take so long. Whoever starts services kills them after 30 s.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(25);
}
