using System.Globalization;

namespace CpfPipeline.Matcher.Pages.Frame;

/// <summary>Numbers as pages show them.</summary>
internal static class Figures
{
    /// <summary>A similarity: <c>0.912</c>.</summary>
    public static string Similarity(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>How far a similarity lies above (+) or below (−) the threshold: <c>+0.031</c>.</summary>
    public static string Margin(double similarity, double threshold) =>
        (similarity - threshold).ToString("+0.000;−0.000;+0.000", CultureInfo.InvariantCulture);

    /// <summary>A count with its noun: <c>1 picture</c>, <c>1,204 pictures</c>.</summary>
    public static string Count(long count, string noun) => Count(count, noun, $"{noun}s");

    /// <summary>A count with a noun whose plural is given: <c>2 classes</c>.</summary>
    public static string Count(long count, string noun, string nouns) => $"{Number(count)} {(count == 1 ? noun : nouns)}";

    /// <summary>A whole number: <c>1,204</c>.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A size in bytes, rounded.</summary>
    public static string Bytes(long bytes) => bytes switch
    {
        < 1_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes} B"),
        < 1_000_000 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3:0} kB"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB"),
    };
}
