using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Samples;

/// <summary>Models and pictures beside the checkout, which not every machine has.</summary>
internal static class SharedFiles
{
    public static string ModelOrSkip(string name) => FindOrSkip(Path.Combine("models", name), File.Exists);

    public static string FolderOrSkip(string name) => FindOrSkip(name, Directory.Exists);

    private static string FindOrSkip(string name, Func<string, bool> exists)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", name);
            if (exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/{name} is not beside this checkout");
        return "";
    }
}
