using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>No line of C# is longer than 140 characters.</summary>
public sealed class LineLengthTests
{
    private const int MaxCharacters = 140;

    [Fact]
    public void Lines_OfEveryFile_AreShortEnough() =>
        Assert.Empty(Checkout.Files("", "*.cs").SelectMany(f =>
            File.ReadLines(Checkout.At(f)).Index().Where(l => l.Item.Length > MaxCharacters).Select(l => $"{f}:{l.Index + 1}")));
}
