using CpfPipeline.Tests.EndToEnd.Fixtures;

namespace CpfPipeline.Tests.EndToEnd.Acceptance;

/// <summary>The demonstration as a newcomer runs it: one process of each service, from the build. It runs once for all tests.</summary>
internal static class PlainDemo
{
    private static readonly Lazy<Task<(DemoPartition Partition, string Files)>> Once = new(RunAsync);

    /// <summary>What it ended with.</summary>
    public static async Task<DemoPartition> PartitionAsync() => (await Once.Value).Partition;

    /// <summary>A folder of its feeds and pictures, copies included, that everybody may read.</summary>
    public static async Task<string> FilesAsync() => (await Once.Value).Files;

    private static async Task<(DemoPartition Partition, string Files)> RunAsync()
    {
        await using var stack = await Stack.UpAsync();
        (await stack.RunAsync("demo")).Expect(0);
        var files = Directory.CreateTempSubdirectory("cpf-e2e-demo-").FullName;
        Copy(Path.Combine(Cli.Checkout, "infra", "demo"), files, "*.csv");
        Copy(Cli.Pictures, Path.Combine(files, "pictures"), "*.png");
        Copy(Path.Combine(stack.Home, "demo"), files, "*.csv");
        Copy(Path.Combine(stack.Home, "demo", "copies"), Path.Combine(files, "copies"), "*");
        return (await DemoPartition.ReadAsync(stack.Postgres), files);
    }

    private static void Copy(string from, string to, string pattern)
    {
        var option = pattern == "*.csv" ? SearchOption.TopDirectoryOnly : SearchOption.AllDirectories;
        foreach (var file in Directory.EnumerateFiles(from, pattern, option))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            OpenToAll(Directory.CreateDirectory(Path.GetDirectoryName(copy)!).FullName);
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, (UnixFileMode)0b110_100_100);
        }
    }

    private static void OpenToAll(string folder) => File.SetUnixFileMode(folder, (UnixFileMode)0b111_101_101);
}
