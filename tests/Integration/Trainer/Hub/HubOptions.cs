namespace CpfPipeline.Tests.Integration.Trainer.Hub;

/// <summary>Options of <c>backbone get</c>.</summary>
internal sealed record HubOptions
{
    public string? Pool { get; init; }

    public string? Feature { get; init; }

    public string? File { get; init; }
}
