namespace CpfPipeline.Embedder.Embedding;

/// <summary>What to do with contents whose blob or computation failed (broken infrastructure, not a bad picture).</summary>
internal static class FailureRule
{
    /// <summary>
    /// True: hand the failed contents, one a message, to the backfill queue, where each is retried alone and ends alone in that queue's
    /// error queue; the rest of the batch is done. False: fail the message, because it holds nothing else, or because everything
    /// failed and the blob store itself is likely gone, which the endpoint's retry waits for.
    /// </summary>
    /// <param name="contents">Contents of the message or batch.</param>
    /// <param name="attempted">Of these, the ones that had to be decoded.</param>
    /// <param name="failed">Of these, the ones that failed.</param>
    public static bool Isolate(int contents, int attempted, int failed) =>
        failed > 0 && contents > 1 && (failed < attempted || attempted == 1);
}
