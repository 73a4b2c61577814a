using CpfPipeline.Data.Probes;

namespace CpfPipeline.Matcher.Probes;

/// <summary>What came of asking about a probe.</summary>
/// <param name="Answer">Its embedding or its refusal; null when none came in time.</param>
/// <param name="Silent">What did not answer in time, for a person; null when an answer came.</param>
internal sealed record ProbeReply(ProbeAnswer? Answer, string? Silent);
