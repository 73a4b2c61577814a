namespace CpfPipeline.Tests.Integration.Life;

/// <summary>An erasure under way.</summary>
/// <param name="OfPicture">Whether the picture was to be erased, whichever images show it. Otherwise one image was.</param>
/// <param name="Picture">The picture that goes, unless another image shows it by then; null when the image had none.</param>
/// <param name="PartOf">The erasure of the image that showed the picture before.</param>
internal sealed record ErasureEntry(bool OfPicture, int? Picture, long? PartOf);
