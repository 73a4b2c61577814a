using System.Globalization;
using CpfPipeline.Learning.DefaultModels;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace CpfPipeline.Tests.Benchmarks.Devices;

/// <summary>
/// <c>infra/gpu/check.sh</c>: whether a device gives the CPU's features, and how near the Embedder's path comes to bare ONNX Runtime.
/// </summary>
internal static class DeviceCheck
{
    private const string Name = "device";
    private const int Reached = 0;
    private const int Missed = 1;
    private const int WrongUsage = 2;
    private const int CannotRun = 3;
    private const int NoDevice = 4;
    private const int MaxPictures = 256;

    public static int Run(string[] args, string checkout)
    {
        if (DeviceCheckOptions.Parse(args) is not { } options)
        {
            Console.Error.WriteLine(DeviceCheckOptions.Usage);
            return WrongUsage;
        }

        try
        {
            var file = options.Backbone is { } path ? BackboneFile.Load(path) : DefaultModel.ReadBackbone(DefaultModel.Folder);
            var settings = options.Settings;
            using (var session = new BackboneSession(file, settings))
            {
                if (!options.OnCpu && session.Provider.WhyNotGpu is { } why)
                {
                    Console.Error.WriteLine($"There is no device to check: {why}");
                    Console.Error.WriteLine("With --cpu the same measurement runs on the CPU provider, which proves the measurement only.");
                    return NoDevice;
                }

                if (!options.OnCpu && session.Provider.WhyNotTensorRt is { } whyNotTensorRt)
                {
                    Console.Error.WriteLine($"TensorRT does not run the backbone, so there is nothing to check: {whyNotTensorRt}");
                    return CannotRun;
                }
            }

            var folder = options.Photos ?? Path.Combine(checkout, "infra", "demo", "pictures");
            var pictures = DecodedPictures.Read(folder, MaxPictures, file.Spec.Input);
            Console.Error.WriteLine($"{pictures.Count} pictures of {folder}, backbone {file.Spec.Provenance}");
            var figures = new List<Figure>(new FeatureParity(file, settings).Measure(pictures));
            figures.AddRange(new DeviceRate(file, settings, options.Batch).Measure(pictures));
            Report(figures, pictures.Count, options, checkout);
            return figures.Any(f => f.Met == false) ? Missed : Reached;
        }
        catch (Exception e) when (e is ModelFileException or BenchSkippedException or IOException)
        {
            Console.Error.WriteLine(e.Message);
            return CannotRun;
        }
        catch (OnnxRuntimeException e)
        {
            Console.Error.WriteLine($"ONNX Runtime failed: {e.Message.Split('\n', 2)[0].Trim()}");
            return CannotRun;
        }
    }

    private static void Report(IReadOnlyList<Figure> figures, int pictures, DeviceCheckOptions options, string checkout)
    {
        foreach (var figure in figures)
        {
            Console.WriteLine($"{figure.Name,-62} {figure.Value.ToString("0.000000", CultureInfo.InvariantCulture),16} {figure.Unit,-9} "
                + $"{figure.Goal} {Results.Verdict(figure)}");
        }

        if (options.OnCpu)
        {
            return; // Says nothing about a device, so it is no result to keep.
        }

        var report = new BenchReport(
            $"{pictures} pictures, batches of {options.Batch} on {options.Settings.Device.Name}", figures,
            [
                "Cosines are of features rounded to half, against the CPU provider picture by picture.",
                "Bare ONNX Runtime: one loop of full batches over decoded pictures, TF32 as in the settings, everything else by default.",
            ]);
        new Results(Name, TimeProvider.System.GetUtcNow(), Machine.Read(checkout), report).Write(checkout);
        Console.WriteLine("Written to tests/Benchmarks/results.");
    }
}
