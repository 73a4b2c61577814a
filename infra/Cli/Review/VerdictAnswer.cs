using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Review;

/// <summary>Answer to <c>POST /verdicts</c>.</summary>
internal sealed record VerdictAnswer
{
    public required string Verdict { get; init; }

    /// <summary>false: it stood already.</summary>
    public required bool Changed { get; init; }

    public long? GroupA { get; init; }

    public long? GroupB { get; init; }

    public required bool SameGroup { get; init; }

    /// <summary>The large component they are in is regrouped in the background.</summary>
    public required bool Pending { get; init; }

    /// <summary>The answer for a person.</summary>
    public string Tell()
    {
        var verdict = Changed ? Verdict : Verdict == VerdictWord.Withdrawn ? "there was no such verdict" : $"{Verdict} (it stood already)";
        return GroupA is null || GroupB is null
            ? $"{verdict}: {(GroupA is null && GroupB is null ? "neither is" : "one of them is not")} matched at present (a placeholder, "
                + "or not embedded yet)"
            : Pending
            ? $"{verdict}: their component is large; its groups follow in the background (infra/cpf status shows pending)"
            : $"{verdict}: now {(SameGroup ? $"both in group {GroupA}" : $"in groups {GroupA} and {GroupB}")}";
    }
}
