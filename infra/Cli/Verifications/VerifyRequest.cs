using CpfPipeline.Data.Erasures;

namespace CpfPipeline.Cli.Verifications;

/// <summary>What is to be verified.</summary>
internal sealed record VerifyRequest
{
    /// <summary>The tombstone key; null: erased pictures are only found where their content has a row that says so.</summary>
    public TombstoneKey? Key { get; init; }

    /// <summary>Whether to repair. Nothing is changed otherwise.</summary>
    public bool Repair { get; init; }

    /// <summary>So many blobs are read, and so many contents compared with all others; null: all.</summary>
    public long? Sample { get; init; }

    /// <summary>What is younger is on its way, not wrong: a blob before its row, a content before its embedding.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Whether messages wait in the queues. Contents without embedding, and contents and groups that do not fit together, may be on their
    /// way then, however old they are.
    /// </summary>
    public bool HasBacklog { get; init; }

    /// <summary>A file without a row is left alone for so long.</summary>
    public TimeSpan OrphanAge { get; init; } = TimeSpan.FromDays(1);
}
