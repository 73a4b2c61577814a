namespace CpfPipeline.Trainer.Hub;

/// <summary>How tokens <c>[N,T,F]</c> become one row.</summary>
internal enum TokenPooling
{
    /// <summary>The class token, which is the first.</summary>
    Class,

    /// <summary>The mean of all patches, without class token and registers.</summary>
    Mean,
}
