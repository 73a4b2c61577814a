namespace CpfPipeline.Hosting.Bus;

/// <summary>
/// Work on several messages together failed, and one of them may be to blame. They go back into their queue and come again one by one.
/// </summary>
public sealed class BatchFaultedException(Exception inner)
    : Exception("Work on several messages together failed; they are tried again one by one.", inner);
