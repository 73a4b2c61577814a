using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>
/// The model that comes with the product: head, threshold and report as files, and the backbone made of the package's network, which the
/// build puts beside them.
/// </summary>
public static class DefaultModel
{
    /// <summary>Beside the executable.</summary>
    public static string Folder => Path.Combine(AppContext.BaseDirectory, "DefaultModel");

    /// <summary>Reads the model; making the backbone takes well under a second.</summary>
    /// <exception cref="ModelFileException">A file is missing or cannot be used.</exception>
    public static ModelFolder Read(string folder) => ModelFolder.Read(folder, ReadBackbone(folder));

    /// <summary>Makes the backbone.</summary>
    /// <exception cref="ModelFileException">The package's network is missing or another one.</exception>
    public static BackboneFile ReadBackbone(string folder)
    {
        var path = Path.Combine(folder, DefaultBackbone.SourceName);
        return File.Exists(path)
            ? BackboneFile.Load(DefaultBackbone.Write(File.ReadAllBytes(path)), "the default backbone")
            : throw new ModelFileException($"{path} is missing: the build copies it from a package, so build again");
    }
}
