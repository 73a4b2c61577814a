namespace CpfPipeline.Vision.Models;

/// <summary>How a picture is brought to the model's input size; written <c>squash</c> and <c>shorter-side</c> in model files.</summary>
public enum ResizeRule
{
    /// <summary>Exactly width x height, whatever the aspect: nothing is cut off.</summary>
    Squash,

    /// <summary>The picture is scaled until it just covers width x height, then its centre is cut out.</summary>
    ShorterSide,
}
