namespace CpfPipeline.Nights.Runs;

/// <summary>A model as lists show it.</summary>
/// <param name="ModelId">Handle.</param>
/// <param name="State"><c>candidate</c>, <c>shadow</c>, <c>active</c>, <c>retired</c> or <c>refused</c>.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="HeadId">Its head.</param>
/// <param name="ParentModelId">The model it was made from.</param>
/// <param name="Kind">How it was made: <c>initial</c>, <c>training</c>, <c>threshold</c> or <c>imported</c>.</param>
/// <param name="F1">Measured on the test classes, or null.</param>
/// <param name="F1Low">Lower end of its 95 % interval.</param>
/// <param name="F1High">Upper end.</param>
/// <param name="Opis">Spread of the operating points of classes, or null.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ActivatedAt">When it last became active.</param>
/// <param name="RetiredAt">When it last ceased to be active.</param>
/// <param name="IsReady">Whether its embeddings are kept: activating it only catches up.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record ModelSummary(
    long ModelId, string State, double Threshold, long HeadId, long? ParentModelId, string Kind, double? F1, double? F1Low, double? F1High,
    double? Opis,
    DateTimeOffset CreatedAt, DateTimeOffset? ActivatedAt, DateTimeOffset? RetiredAt, bool IsReady, string? Reason);
