namespace CpfPipeline.Vision.Integrity;

/// <summary>What is wrong with a file, told from its bytes alone, so that the same file always gives the same words.</summary>
/// <param name="IsCut">Whether the file has lost a part of its data. Otherwise it holds data that mean nothing.</param>
/// <param name="Detail">For a person.</param>
internal sealed record Damage(bool IsCut, string Detail)
{
    public static Damage Cut(string detail) => new(true, detail);

    public static Damage Broken(string detail) => new(false, detail);
}
