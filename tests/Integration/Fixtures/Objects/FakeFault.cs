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

    /// <summary>It is never answered.</summary>
    public bool Hangs { get; init; }

    /// <summary>It is done, and the connection breaks before the answer.</summary>
    public bool LosesAnswer { get; init; }
}
