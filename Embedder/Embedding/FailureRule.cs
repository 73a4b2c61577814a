namespace CpfPipeline.Embedder.Embedding;

/// <summary>What to do with contents whose blob or computation failed (broken infrastructure, not a bad picture).</summary>
internal static class FailureRule
{
    /// <summary>
    /// True: send the failed contents to the backfill queue, one per message. There each is retried alone, and ends alone in that queue's
    /// error queue. The rest of the batch is done. False: fail the message, because it holds nothing else, or because everything failed.
    /// Then the blob store itself is probably gone, and the endpoint's retry waits for it.
    /// </summary>
    /// <param name="contents">Contents of the message or batch.</param>
    /// <param name="attempted">Of these, the ones that had to be decoded.</param>
    /// <param name="failed">Of these, the ones that failed.</param>
    public static bool Isolate(int contents, int attempted, int failed) =>
        failed > 0 && contents > 1 && (failed < attempted || attempted == 1);
}
