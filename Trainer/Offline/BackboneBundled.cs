using System.Globalization;
using CpfPipeline.Trainer.Graphs;
using CpfPipeline.Trainer.Initial;
using CpfPipeline.Vision;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone bundled</c>: makes the bundled model from the fixed filter bank and a folder of pictures.</summary>
internal static class BackboneBundled
{
    public static int Run(Arguments arguments, TextWriter output, TimeProvider time, CancellationToken cancellationToken)
    {
        var pictures = PictureFolder.Read(arguments.Required("images"));
        var backbone = BackboneFile.Load(FilterBankBackbone.Write(), "the filter bank");
        var files = new ModelFitting(time).Fit(backbone, pictures, arguments.Number("seed", 1, 0), cancellationToken);
        Directory.CreateDirectory(arguments[0]);
        File.WriteAllBytes(Path.Combine(arguments[0], FirstModel.BackboneName), files.Backbone.Bytes.ToArray());
        File.WriteAllBytes(Path.Combine(arguments[0], FirstModel.HeadName), files.Head.Bytes.ToArray());
        File.WriteAllText(Path.Combine(arguments[0], FirstModel.ReportName), files.ReportJson + "\n");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{arguments[0]}: threshold {files.Threshold:0.0000}"));
        output.WriteLine(files.ReportJson);
        return 0;
    }
}
