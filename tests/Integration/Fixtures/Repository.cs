namespace CpfPipeline.Tests.Integration.Fixtures;

internal static class Repository
{
    /// <summary>The checkout's root folder.</summary>
    public static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CpfPipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new DirectoryNotFoundException("CpfPipeline.sln is in no folder above the tests.");
    }
}
