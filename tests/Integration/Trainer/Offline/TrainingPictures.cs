using CpfPipeline.Learning.Graphs;
using NetVips;

namespace CpfPipeline.Tests.Integration.Trainer.Offline;

/// <summary>
/// A folder with a tiny backbone and 12 classes of 4 pictures, 9 that the rule calls train (one of each fold at least) and 3 for test.
/// </summary>
public sealed class TrainingPictures : IDisposable
{
    private static readonly string[] TrainClasses = ["c00", "c01", "c06", "c13", "c27", "c28", "c03", "c55", "c45"];
    private static readonly string[] TestClasses = ["c04", "c11", "c12"];

    public TrainingPictures()
    {
        File.WriteAllBytes(
            Backbone, ResNetBackbone.Write(new ResNetSpec { Side = 24, StemWidth = 8, Widths = [8, 16], Blocks = [1, 1] }, 1));
        WriteSet(Folder, 0);
    }

    public string Folder { get; } = Directory.CreateTempSubdirectory("cpf-integration-").FullName;

    public string Labels => Path.Combine(Folder, "labels.csv");

    public string Backbone => Path.Combine(Folder, "tiny.onnx");

    /// <summary>Of the labels file.</summary>
    public IReadOnlyList<string> Lines { get; } = ["path,label,split", .. Rows(TrainClasses, "train"), .. Rows(TestClasses, "test")];

    /// <summary>The classes that are no test classes.</summary>
    public static IReadOnlyList<string> Trained => TrainClasses;

    /// <summary>Other pictures under the same names and labels.</summary>
    /// <returns>Path of the labels file.</returns>
    public string WriteSet(string folder, int firstSeed)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, i) in TrainClasses.Concat(TestClasses).Select((c, i) => (c, i)))
        {
            for (var k = 0; k < 4; k++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{name}-{k}.png"), Png(firstSeed + i, k));
            }
        }

        var labels = Path.Combine(folder, "labels.csv");
        File.WriteAllLines(labels, Lines);
        return labels;
    }

    /// <summary>Another labels file of the same pictures.</summary>
    public string WriteLabels(IEnumerable<string> lines)
    {
        var path = Path.Combine(Folder, $"{Guid.NewGuid():N}.csv");
        File.WriteAllLines(path, lines);
        return path;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private static IEnumerable<string> Rows(string[] classes, string split) =>
        classes.SelectMany(c => Enumerable.Range(0, 4).Select(k => $"{c}-{k}.png,{c},{split}"));

    /// <summary>Four coloured quarters of a class, with noise of the picture.</summary>
    public static byte[] Png(int ofClass, int picture)
    {
        const int Side = 32;
        var (colours, noise) = (new byte[12], new Random((ofClass * 10) + picture));
        new Random(ofClass).NextBytes(colours);
        var bytes = new byte[3 * Side * Side];
        for (var i = 0; i < bytes.Length; i++)
        {
            var (x, y) = (i / 3 % Side, i / 3 / Side);
            bytes[i] = (byte)Math.Clamp(colours[(3 * ((2 * (y * 2 / Side)) + (x * 2 / Side))) + (i % 3)] + noise.Next(-50, 50), 0, 255);
        }

        using var raw = Image.NewFromMemory(bytes, Side, Side, 3, Enums.BandFormat.Uchar);
        using var image = raw.Copy(interpretation: Enums.Interpretation.Srgb);
        return image.PngsaveBuffer();
    }
}
