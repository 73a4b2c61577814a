using CpfPipeline.Contracts;

namespace CpfPipeline.Ingest.Erasures;

/// <summary>The message about an erasure.</summary>
internal static class ErasureMessages
{
    /// <summary>Tells the Matcher.</summary>
    public static object Released(long contentId) => new ContentReleased { ContentIds = [contentId] };
}
