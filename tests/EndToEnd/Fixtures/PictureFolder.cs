using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>Folders of real pictures (the demonstration's) and of edited copies of them.</summary>
internal static class PictureFolder
{
    /// <summary>Copies one vendor's pictures of the first <paramref name="count"/> classes as <c>CLASS.png</c>.</summary>
    public static List<string> Fill(string folder, string vendor, int count, int skip = 0)
    {
        var names = new List<string>();
        foreach (var source in Directory.EnumerateDirectories(Cli.Pictures).Order(StringComparer.Ordinal)
            .Select(d => Path.Combine(d, vendor + ".png")).Where(File.Exists).Skip(skip).Take(count))
        {
            var name = Path.GetFileName(Path.GetDirectoryName(source)!);
            File.Copy(source, Path.Combine(folder, name + ".png"));
            names.Add(name);
        }

        return names;
    }

    /// <summary>
    /// Copies photographs of the test split of a set of shared/data, in an order of their names' hashes; skips the test without the set.
    /// </summary>
    public static void FillWithPhotographs(string folder, string set, int count)
    {
        var labels = Path.Combine(Cli.Checkout, "..", "shared", "data", set, "labels.csv");
        Assert.SkipUnless(File.Exists(labels), $"shared/data/{set} is not beside this checkout");
        var photographs = File.ReadLines(labels)
            .Skip(1).Select(line => line.Split(',')).Where(row => row[2] == "test").Select(row => row[0]);
        foreach (var path in photographs.OrderBy(path => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(path)))).Take(count))
        {
            File.Copy(Path.Combine(Path.GetDirectoryName(labels)!, path), Path.Combine(folder, path.Replace('/', '-')));
        }
    }

    /// <summary>A feed with product keys: the first <paramref name="count"/> classes as each vendor draws them.</summary>
    /// <returns>The feed's path.</returns>
    public static string FillWithKeys(string folder, int count, params string[] vendors)
    {
        var rows = new List<string> { "external_id,uri,product_key,key_scope" };
        foreach (var vendor in vendors)
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, vendor)).FullName;
            rows.AddRange(Fill(own, vendor, count).Select(name => $"{vendor}/{name},{vendor}/{name}.png,{name},global"));
        }

        var feed = Path.Combine(folder, "feed.csv");
        File.WriteAllLines(feed, rows);
        return feed;
    }

    /// <summary>
    /// Adds edited copies (rescaled, recompressed, cropped, watermarked) of every n-th picture, made by the product's own verb.
    /// </summary>
    public static async Task AddCopiesAsync(string folder, int every)
    {
        var copies = Directory.CreateTempSubdirectory("cpf-e2e-copies-").FullName;
        (await Cli.RunAsync(Cli.Trainer, new Dictionary<string, string>(), "copies", folder, copies, "--every", $"{every}", "--seed", "7"))
            .Expect(0);
        foreach (var file in Directory.EnumerateFiles(copies))
        {
            File.Move(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        Directory.Delete(copies, recursive: true);
    }
}
