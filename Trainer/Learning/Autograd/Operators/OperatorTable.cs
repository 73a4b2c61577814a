namespace CpfPipeline.Learning.Autograd.Operators;

/// <summary>The operators the trainer knows, by name. A new one is a line in its family.</summary>
internal static class OperatorTable
{
    /// <summary>Oldest and newest operator set of ai.onnx whose semantics these follow.</summary>
    public const long OldestOpset = 7;
    public const long NewestOpset = 22;

    private static readonly Dictionary<string, Operator> ByName = new[]
        {
            Convolution.All, Pooling.All, Normalisation.All, Activations.All, Elementwise.All, Shapes.All, Slices.All, MatrixProducts.All,
            Reductions.All, Resizing.All,
        }
        .SelectMany(family => family)
        .ToDictionary(o => o.Name, StringComparer.Ordinal);

    public static Operator? Find(string domain, string name) =>
        domain is "" or "ai.onnx" ? ByName.GetValueOrDefault(name) : null;

    public static string Names => string.Join(", ", ByName.Keys.Order(StringComparer.Ordinal));
}
