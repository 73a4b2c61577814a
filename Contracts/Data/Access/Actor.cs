namespace CpfPipeline.Data.Access;

/// <summary>Who does something, for the audit.</summary>
/// <param name="Name">Name of the key, or of the person that a token names.</param>
/// <param name="Subject">The same as an identity: <c>key:ID</c>, <c>token:SUBJECT</c>, <c>database:ROLE</c>, <c>bus</c>
/// or <c>anonymous</c>.</param>
/// <param name="Address">Where the request came from; null: nowhere.</param>
public sealed record Actor(string Name, string Subject, string? Address)
{
    /// <summary>Whoever may publish to the broker.</summary>
    /// <param name="name">Who the message says it is.</param>
    public static Actor OfBus(string? name) => new(string.IsNullOrWhiteSpace(name) ? "bus" : name, "bus", null);
}
