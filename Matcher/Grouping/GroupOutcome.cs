using CpfPipeline.Data.Outbox;

namespace CpfPipeline.Matcher.Grouping;

/// <summary>What a group transaction did.</summary>
/// <param name="Outbox">Messages to dispatch after the commit.</param>
/// <param name="Arrivals">Contents that came in.</param>
/// <param name="Departures">Contents that left.</param>
/// <param name="Deferred">Arrivals left to the background.</param>
internal sealed record GroupOutcome(IReadOnlyList<OutboxMessage> Outbox, int Arrivals, int Departures, int Deferred);
