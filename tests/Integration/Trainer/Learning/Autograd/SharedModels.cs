using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Autograd;

/// <summary>Models beside the checkout, which not every machine has.</summary>
internal static class SharedModels
{
    public static string FolderOrSkip()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "models");
            if (Directory.Exists(path))
            {
                return path;
            }
        }

        Assert.Skip("shared/models is not beside this checkout");
        return "";
    }
}
