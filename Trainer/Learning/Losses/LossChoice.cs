using static TorchSharp.torch;

namespace CpfPipeline.Learning.Losses;

/// <summary>A loss by name with its parameters; makes the loss once the class centres' start is known.</summary>
/// <param name="Name"><c>cpf</c>, <c>normsoftmax</c>, <c>arcface</c>, <c>multisimilarity</c> or <c>proxyanchor</c>.</param>
public sealed record LossChoice(string Name)
{
    public const string Cpf = "cpf";
    public const string NormalisedSoftmax = "normsoftmax";
    public const string ArcFace = "arcface";
    public const string MultiSimilarity = "multisimilarity";
    public const string ProxyAnchor = "proxyanchor";

    public static IReadOnlyList<string> Names { get; } = [Cpf, NormalisedSoftmax, ArcFace, MultiSimilarity, ProxyAnchor];

    /// <summary>Parameters of <see cref="CpfLoss"/>. Default: the Shopee preset; <c>infra/cpf bench losses</c> compares it.</summary>
    public CpfParameters CpfParameters { get; init; } = CpfParameters.Shopee;

    /// <summary>T of <see cref="NormalisedSoftmaxLoss"/>. Default 0.05.</summary>
    public double Temperature { get; init; } = .05;

    /// <summary>s of <see cref="ArcFaceLoss"/>. Default 16.</summary>
    public double ArcFaceScale { get; init; } = 16;

    /// <summary>Whether the loss learns class centres, which then have a rate of their own.</summary>
    public bool HasCentres => Name != MultiSimilarity;

    /// <param name="centres">Start of the class centres <c>[C,D]</c>.</param>
    public IEmbeddingLoss Make(Tensor centres) => Name switch
    {
        Cpf => new CpfLoss(CpfParameters, centres),
        NormalisedSoftmax => new NormalisedSoftmaxLoss(Temperature, centres),
        ArcFace => new ArcFaceLoss(ArcFaceScale, margin: .5, centres),
        MultiSimilarity => new MultiSimilarityLoss(),
        ProxyAnchor => new ProxyAnchorLoss(scale: 32, margin: .1, centres),
        _ => throw new ArgumentException($"there is no loss {Name}; there are {string.Join(", ", Names)}"),
    };
}
