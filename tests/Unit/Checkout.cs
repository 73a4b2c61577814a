namespace CpfPipeline.Tests.Unit;

/// <summary>The files of the checkout that the tests run in.</summary>
internal static class Checkout
{
    private static readonly string[] Built = ["bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];

    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A path below the root, with slashes.</summary>
    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    /// <summary>A file or folder below the root.</summary>
    public static string At(string relative) => Path.Combine(Root, relative);

    /// <summary>
    /// Files below a folder, in a fixed order. Outputs of the build and folders whose names begin with a dot are left out.
    /// </summary>
    /// <param name="folder">Relative to the root; empty for all.</param>
    /// <param name="pattern">Such as <c>*.cs</c>.</param>
    /// <returns>Paths relative to the root.</returns>
    public static IReadOnlyList<string> Files(string folder, string pattern) =>
        [.. Walk(At(folder), pattern).Select(Relative).Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(
            Directory.EnumerateDirectories(folder).Where(f => !IsSkipped(Path.GetFileName(f))).SelectMany(f => Walk(f, pattern)));

    private static bool IsSkipped(string name) => name.StartsWith('.') || Built.Contains(name);

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CpfPipeline.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests must run from inside the checkout.");
    }
}
