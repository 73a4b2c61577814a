using System.Text.Json;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.ModelFolders;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// The model a fresh system starts with: the bundled one, or one around a backbone of the user's. The latter is calibrated on edited copies,
/// since nobody has said yet what else matches.
/// </summary>
public static class FirstModel
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The folder of the bundled model, beside the executable.</summary>
    public static string DefaultModelFolder => Path.Combine(AppContext.BaseDirectory, "DefaultModel");

    /// <summary>Prepares the first model. Pure apart from reading files; takes a minute or two with a backbone of the user's.</summary>
    /// <param name="backbonePath">An ONNX backbone with its metadata, or null for the bundled model.</param>
    /// <param name="calibrationFolder">Pictures to fit the head and the threshold with; not looked at for the bundled model.</param>
    /// <param name="time">Clock of the decode time limit.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="ModelFileException">The backbone cannot be used.</exception>
    /// <exception cref="TooLittleDataException">The folder holds too few pictures.</exception>
    public static FirstModelFiles Prepare(
        string? backbonePath, string? calibrationFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        if (backbonePath is null)
        {
            return LoadBundled(DefaultModelFolder);
        }

        var backbone = BackboneFile.Load(backbonePath);
        if (calibrationFolder is null)
        {
            throw new TooLittleDataException("a backbone of your own needs a folder of pictures to calibrate the threshold on");
        }

        return new ModelFitting(time).Fit(backbone, PictureFolder.Read(calibrationFolder), seed: 1, cancellationToken);
    }

    internal static FirstModelFiles LoadBundled(string folder)
    {
        var model = ModelFolder.Read(folder);
        return new FirstModelFiles(model.Backbone, model.Head, model.Threshold, model.ReportJson);
    }
}
