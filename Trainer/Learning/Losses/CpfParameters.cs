namespace CpfPipeline.Learning.Losses;

/// <summary>Parameters of <see cref="CpfLoss"/>; names as in the paper and the authors' published scripts.</summary>
public sealed record CpfParameters
{
    /// <summary>
    /// Cosine above which a class centre pushes a picture away (strictly). tau_f, not the matching threshold. Default 0.2.
    /// </summary>
    public double FieldThreshold { get; init; } = .2;

    /// <summary>Cosine from which the push is measured: psi. Default 0.2.</summary>
    public double Psi { get; init; } = .2;

    /// <summary>How steeply the pull grows with the distance from the own centre: s_p. Default 1.</summary>
    public double PositiveScale { get; init; } = 1;

    /// <summary>How steeply the push grows with the cosine to another centre: s_n. Default 1.</summary>
    public double NegativeScale { get; init; } = 1;

    /// <summary>Cosine at which the push has weight 1: mu. Default 0.</summary>
    public double Mu { get; init; }

    /// <summary>Added to the sum of positive cosines, keeps the quotient away from 0/0: b. Default 2.</summary>
    public double Offset { get; init; } = 2;

    /// <summary>Label smoothing eps, 0..1. Default 0.</summary>
    public double LabelSmoothing { get; init; }

    public static CpfParameters Default { get; } = new();

    /// <summary>The scripts for CUB-200-2011 and Cars-196.</summary>
    public static CpfParameters CubCars { get; } = new() { FieldThreshold = .38, PositiveScale = 9, NegativeScale = 9 };

    /// <summary>The script for Stanford Online Products.</summary>
    public static CpfParameters Sop { get; } = new() { FieldThreshold = .38, PositiveScale = 3, NegativeScale = 8, Mu = 1 };

    /// <summary>The script for Shopee.</summary>
    public static CpfParameters Shopee { get; } = new() { FieldThreshold = .25, Psi = .25, PositiveScale = 1.5, Mu = 1 };

    /// <summary>
    /// Not the authors': a steep pull and a gentle push. What lies far from its centre is pulled so much harder that classes come to be
    /// about equally wide, which is what one threshold needs: higher F1 and lower OPIS on validation classes of three sets under one
    /// threshold than the presets of the paper (<c>infra/cpf bench losses</c>).
    /// </summary>
    public static CpfParameters Steep { get; } = new() { FieldThreshold = .3, PositiveScale = 12, NegativeScale = 3 };

    /// <summary>
    /// Names of presets: <c>default</c>, <c>cub</c>, <c>cars</c>, <c>sop</c>, <c>shopee</c>, <c>steep</c>.
    /// </summary>
    public static IReadOnlyDictionary<string, CpfParameters> Presets { get; } =
        new Dictionary<string, CpfParameters>(StringComparer.Ordinal)
        {
            ["default"] = Default,
            ["cub"] = CubCars,
            ["cars"] = CubCars,
            ["sop"] = Sop,
            ["shopee"] = Shopee,
            ["steep"] = Steep,
        };
}
