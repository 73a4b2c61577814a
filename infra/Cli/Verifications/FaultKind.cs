namespace CpfPipeline.Cli.Verifications;

/// <summary>What can be wrong. The names are what <c>infra/cpf verify</c> prints.</summary>
internal static class FaultKind
{
    public const string BlobMissing = "blob missing";
    public const string BlobDamaged = "blob damaged";
    public const string BlobOrphaned = "blob orphaned";
    public const string ModelFile = "model file missing or damaged";
    public const string RenditionDamaged = "thumbnail damaged";
    public const string RenditionOrphaned = "thumbnail orphaned";
    public const string Leftover = "unfinished file left";
    public const string ErasedBytes = "erased picture's bytes there";
    public const string ErasedRow = "erased picture there";
    public const string EmbeddingMissing = "embedding missing";
    public const string EmbeddingOrphaned = "embedding or feature of no content";
    public const string MemberGone = "member without a live content";
    public const string MemberMissing = "live content in no group";
    public const string GroupRow = "group or merge that no member has";
    public const string MatchOrphaned = "match to nothing";
    public const string ComponentApart = "component that no similarity holds together";
    public const string EdgeMissed = "similar contents in two components";
    public const string GroupsDiffer = "groups that differ from a recomputation";
}
