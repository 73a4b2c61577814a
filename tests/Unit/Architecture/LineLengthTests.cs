using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>
/// No line of C# is longer than 140 characters. Folders that are not there yet are listed, and leave the list when they are.
/// </summary>
public sealed class LineLengthTests
{
    private const int MaxCharacters = 140;

    // Folders and files. This list only becomes shorter.
    private static readonly string[] NotYet =
    [
        "Contracts/Data", "Ingest", "Matcher/Handover", "Matcher/Reconcile", "Matcher/Stores", "Matcher/Verdicts",
        "Trainer/Learning/Reports", "infra/Cli", "infra/CommandLine", "tests/Benchmarks", "tests/EndToEnd", "tests/Integration",
        "tests/Unit/Cli", "tests/Unit/CommandLine", "tests/Unit/Contracts", "tests/Unit/Ingest", "tests/Unit/Matcher",
        "tests/Unit/Trainer/Nights",
    ];

    [Fact]
    public void Lines_OfEachFolder_AreShortEnough() =>
        Assert.All(LongLines(), line => Assert.True(NotYet.Any(folder => IsBelow(line, folder)), line));

    [Fact]
    public void NotYet_FolderWithoutLongLines_LeavesTheList()
    {
        var lines = LongLines();
        Assert.All(NotYet, folder => Assert.True(lines.Exists(l => IsBelow(l, folder)), $"{folder} has no long line any more"));
    }

    private static bool IsBelow(string line, string folder) =>
        line.StartsWith(folder + "/", StringComparison.Ordinal) || line.StartsWith(folder + ":", StringComparison.Ordinal);

    private static List<string> LongLines() =>
        [.. Checkout.Files("", "*.cs").SelectMany(f =>
            File.ReadLines(Checkout.At(f)).Index().Where(l => l.Item.Length > MaxCharacters).Select(l => $"{f}:{l.Index + 1}"))];
}
