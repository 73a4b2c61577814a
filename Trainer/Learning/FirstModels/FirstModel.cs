using System.Text.Json;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// The model a fresh system starts with: the default one, or one around a backbone of the user's. The latter is calibrated on edited
/// copies, because there are no labels yet of what else matches.
/// </summary>
public static class FirstModel
{
    internal static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Prepares the first model. Pure apart from reading files; takes a minute or two with the user's own backbone.</summary>
    /// <param name="order">What is wanted.</param>
    /// <param name="openDecoders">Opens what decodes the pictures, when there are any to decode.</param>
    /// <param name="progress">Receives each picture that is done, from any thread.</param>
    /// <param name="cancellationToken">Stops between pictures.</param>
    /// <exception cref="ModelFileException">The backbone cannot be used.</exception>
    /// <exception cref="TooLittleDataException">The folder holds too few pictures.</exception>
    public static FirstModelFiles Prepare(
        FirstModelOrder order, Func<DecoderPool> openDecoders, IProgress<PreparedPictures>? progress, CancellationToken cancellationToken)
    {
        if (order.BackbonePath is null)
        {
            var model = DefaultModel.Read(DefaultModel.Folder);
            return new FirstModelFiles(model.Backbone, model.Head, model.Threshold, model.ReportJson);
        }

        var (backbone, pictures) = (BackboneFile.Load(order.BackbonePath), PictureFolder.Read(order.CalibrationFolder));
        using var decoders = openDecoders();
        return new FirstModelFit(decoders).Fit(backbone, pictures, order.Options, progress, cancellationToken);
    }
}
