using CpfPipeline.Learning.DefaultModels;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone default</c>: the backbone that a fresh system starts with, to train it further or to look at it.</summary>
internal static class BackboneDefault
{
    public static int Run(BackboneDefaultSettings settings, TextWriter output)
    {
        var file = DefaultModel.ReadBackbone(DefaultModel.Folder);
        File.WriteAllBytes(settings.Out, file.Bytes.Span);
        output.WriteLine(
            $"{settings.Out}: input [N,3,{file.Spec.Input.Height},{file.Spec.Input.Width}], feature [N,{file.Spec.FeatureDim}]; "
                + file.Spec.Provenance);
        return 0;
    }
}
