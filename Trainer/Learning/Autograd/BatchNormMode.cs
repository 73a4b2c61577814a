namespace CpfPipeline.Learning.Autograd;

/// <summary>Whose statistics a BatchNormalization uses while training. Scale and bias learn in both.</summary>
public enum BatchNormMode
{
    /// <summary>The file's running statistics, which stay as they are: fine-tuning, as in the CPF paper.</summary>
    Frozen,

    /// <summary>The batch's, and the running ones follow them: training from scratch.</summary>
    Training,
}
