using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone resnet</c>: the built-in ResNet with random weights, to train from scratch.</summary>
internal static class BackboneResNet
{
    public static int Run(BackboneResNetSettings settings, TextWriter output)
    {
        var side = settings.Size;
        var bytes = ResNetBackbone.Write(new ResNetSpec { Side = side }, settings.Seed);
        BackboneFile.Load(bytes, settings.Out);
        File.WriteAllBytes(settings.Out, bytes);
        output.WriteLine(
            $"{settings.Out}: input [N,3,{side},{side}], random weights: train it with infra/cpf train --depth full --from-scratch");
        return 0;
    }
}
