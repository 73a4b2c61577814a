using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Tests.Benchmarks.Devices;

/// <summary>Pictures as a backbone wants them, in memory, so that only inference is measured.</summary>
internal static class DecodedPictures
{
    /// <returns>Rows <c>[3,H,W] float32</c> of the pictures that can be decoded.</returns>
    /// <exception cref="BenchSkippedException">There are none.</exception>
    public static IReadOnlyList<float[]> Read(string folder, int most, InputSpec spec)
    {
        if (!Directory.Exists(folder))
        {
            throw new BenchSkippedException($"there is no folder {folder}");
        }

        var decoder = new ImageDecoder(new ImageLimits(), TimeProvider.System);
        var rows = PhotoFolder.List([folder], most).AsParallel().AsOrdered().Select(file =>
        {
            var row = new float[spec.RowLength];
            return decoder.Decode(File.ReadAllBytes(file), spec, row).IsOk ? row : null;
        }).OfType<float[]>().ToList();
        return rows.Count > 0 ? rows : throw new BenchSkippedException($"no picture of {folder} can be decoded");
    }
}
