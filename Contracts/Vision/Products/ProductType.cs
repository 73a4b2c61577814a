namespace CpfPipeline.Vision.Products;

/// <summary>How products of embeddings are computed.</summary>
public enum ProductType
{
    /// <summary>Operands, sums and products in float32. For the CPU.</summary>
    Float32,

    /// <summary>Operands and products in float16, sums in float32, as tensor cores do it. For devices.</summary>
    Float16,
}
