using CpfPipeline.Learning.Graphs;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone resnet</c>: the built-in ResNet with random weights, to train from scratch.</summary>
internal static class BackboneResNet
{
    public static int Run(Arguments arguments, TextWriter output)
    {
        var side = arguments.Number("size", 64, 32);
        var bytes = ResNetBackbone.Write(new ResNetSpec { Side = side }, arguments.Number("seed", 1, 0));
        BackboneFile.Load(bytes, arguments[0]);
        File.WriteAllBytes(arguments[0], bytes);
        output.WriteLine($"{arguments[0]}: input [N,3,{side},{side}], random weights: train it with infra/cpf train --depth full --from-scratch");
        return 0;
    }
}
