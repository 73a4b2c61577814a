using Xunit;

namespace CpfPipeline.Tests.Unit.Docs;

/// <summary>
/// A part of a page that is made from the code. With <c>CPF_WRITE_REFERENCE=1</c> it is written instead of compared.
/// </summary>
/// <param name="path">The page, relative to the checkout's root.</param>
/// <param name="begin">The line before the part.</param>
/// <param name="end">The line after it.</param>
internal sealed class GeneratedPart(string path, string begin, string end)
{
    /// <summary>Asserts that the page has this text there.</summary>
    public void AssertIs(string made)
    {
        var page = File.ReadAllText(Checkout.At(path));
        var (from, to) = (page.IndexOf(begin, StringComparison.Ordinal) + begin.Length, page.IndexOf(end, StringComparison.Ordinal));
        Assert.True(from >= begin.Length && to >= from, $"{path} has lost its marks");
        if (Environment.GetEnvironmentVariable("CPF_WRITE_REFERENCE") == "1")
        {
            File.WriteAllText(Checkout.At(path), page[..from] + made + page[to..]);
            return;
        }

        Assert.Equal(made.Split('\n'), page[from..to].Split('\n'));
    }
}
