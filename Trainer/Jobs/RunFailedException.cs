namespace CpfPipeline.Trainer.Jobs;

/// <summary>Shows a failed run as a failed job.</summary>
internal sealed class RunFailedException(string message) : Exception(message);
