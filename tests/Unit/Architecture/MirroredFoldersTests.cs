using Xunit;

namespace CpfPipeline.Tests.Unit.Architecture;

/// <summary>What tests a type lies in the folder that mirrors the type's.</summary>
public sealed class MirroredFoldersTests
{
    private const string Ending = "Tests.cs";

    private static readonly string[] Suites = ["tests/Unit/", "tests/Integration/"];

    [Fact]
    public void Tests_OfAType_LieInTheMirrorOfItsFolder() =>
        Assert.Empty(Misplaced(Checkout.Files("", "*.cs"), Checkout.Files("", "*.csproj")));

    [Theory]
    [InlineData("tests/Unit/Ingest/GtinTests.cs", true)]
    [InlineData("tests/Integration/Ingest/Feeds/GtinTests.cs", true)]
    [InlineData("tests/Unit/Ingest/Submissions/GtinTests.cs", false)]
    [InlineData("tests/Unit/Cli/Feeds/GtinTests.cs", false)]
    [InlineData("tests/Unit/Ingest/Feeds/OtherTests.cs", false)]
    [InlineData("tests/Unit/Cli/VerbsTests.cs", true)]
    public void Misplaced_TestOfATypeOfTheSameProject_IsOneInAnotherFolder(string test, bool misplaced) =>
        Assert.Equal(
            misplaced ? [test] : [],
            Misplaced(["Ingest/Submissions/Gtin.cs", "infra/Cli/Verbs/Verbs.cs", test], ["Ingest/Ingest.csproj", "infra/Cli/Cli.csproj"]));

    /// <summary>Tests with the name of a type of the project that they mirror, in another folder than that of the type.</summary>
    private static IEnumerable<string> Misplaced(IReadOnlyList<string> files, IReadOnlyList<string> projects)
    {
        var folders = projects.Select(FolderOf).Where(p => !p.StartsWith("tests/", StringComparison.Ordinal)).Select(Mirror).ToList();
        var homes = files.Where(f => !f.StartsWith("tests/", StringComparison.Ordinal))
            .ToLookup(f => Path.GetFileNameWithoutExtension(f), f => Mirror(FolderOf(f)));
        return files.Where(f => f.EndsWith(Ending, StringComparison.Ordinal)).Where(f =>
            Suites.FirstOrDefault(s => f.StartsWith(s, StringComparison.Ordinal)) is { } suite
            && FolderOf(f)[(suite.Length - 1)..].TrimStart('/') is var folder
            && homes[Path.GetFileName(f)[..^Ending.Length]].Where(h => ProjectOf(h, folders) == ProjectOf(folder, folders)).ToList()
                is { Count: > 0 } mirrors
            && !mirrors.Contains(folder));
    }

    private static string FolderOf(string path) => path[..Math.Max(0, path.LastIndexOf('/'))];

    // The tests of infra/Cli lie in Cli.
    private static string Mirror(string folder) =>
        folder.StartsWith("infra/", StringComparison.Ordinal) ? folder["infra/".Length..] : folder;

    private static string? ProjectOf(string folder, IEnumerable<string> projects) =>
        projects.Where(p => folder == p || folder.StartsWith(p + "/", StringComparison.Ordinal)).MaxBy(p => p.Length);
}
