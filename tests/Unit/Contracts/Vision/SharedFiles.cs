using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision;

/// <summary>Models beside the checkout, which not every machine has.</summary>
internal static class SharedFiles
{
    public static string ModelOrSkip(string name)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "models", name);
            if (File.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip($"shared/models/{name} is not beside this checkout");
        return "";
    }
}
