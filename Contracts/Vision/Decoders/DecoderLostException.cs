namespace CpfPipeline.Vision.Decoders;

/// <summary>A decoder's process was lost with the picture that it had.</summary>
/// <param name="loss">How.</param>
/// <param name="detail">For a person: how it ended.</param>
internal sealed class DecoderLostException(DecoderLoss loss, string detail) : Exception(detail)
{
    public DecoderLoss Loss => loss;
}
