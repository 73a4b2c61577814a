namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>What goes wrong with a request.</summary>
public sealed record FakeFault
{
    /// <summary>Answered instead of doing it.</summary>
    public int Status { get; init; }

    /// <summary>The code of that answer.</summary>
    public string Code { get; init; } = "";

    /// <summary>Body of the answer is cut after so many bytes.</summary>
    public int? CutAfter { get; init; }

    /// <summary>When it is cut. By default at once; the client may not have seen the beginning of the answer then.</summary>
    public Task CutOnce { get; init; } = Task.CompletedTask;

    /// <summary>It is never answered.</summary>
    public bool Hangs { get; init; }

    /// <summary>It is done, and the connection breaks before the answer.</summary>
    public bool LosesAnswer { get; init; }
}
