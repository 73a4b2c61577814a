using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

public sealed class EraseTests(SharedStack shared)
{
    [Fact]
    public async Task Erase_Content_IsInNoDumpNoBlobAndNoLog()
    {
        var folder = shared.NewFolder();
        var names = PictureFolder.Fill(folder, "openmoji", 2, skip: 700);
        var secret = $"secret-{Guid.NewGuid():N}";
        var path = Path.Combine(folder, secret + ".png");

        // These bytes are unique, because other tests use the same pictures.
        await File.WriteAllBytesAsync(
            path, [.. await File.ReadAllBytesAsync(Path.Combine(folder, names[0] + ".png")), .. Encoding.UTF8.GetBytes(secret)]);
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path)));
        var labels = Path.Combine(folder, "labels.csv");
        await File.WriteAllLinesAsync(
            labels, ["path,label,split", $"{secret}.png,key-of-{secret},train", .. names.Select(n => $"{n}.png,key-{n},train")]);
        (await shared.Stack.RunAsync("submit", folder, "--source", "erase", "--keys", labels)).Expect(0);
        Assert.Contains(sha256, await shared.Stack.DumpAsync(), StringComparison.Ordinal);
        Assert.Contains(secret, await shared.Stack.DumpAsync(), StringComparison.Ordinal);
        Assert.Single(Blobs(sha256));

        var outcome = (await shared.Stack.RunAsync("erase", "--content", sha256, "--who", "officer", "--json")).Expect(0);

        var receipt = JsonDocument.Parse(outcome.Output).RootElement;
        Assert.Equal(
            ("finished", 1), (receipt.GetProperty("state").GetString(), receipt.GetProperty("counts").GetProperty("images").GetInt32()));
        var dump = await shared.Stack.DumpAsync();
        Assert.DoesNotContain(secret, dump, StringComparison.Ordinal); // URI, external id and product key hold it.
        Assert.DoesNotContain(sha256, dump, StringComparison.Ordinal);
        Assert.Contains(receipt.GetProperty("tombstone").GetString()!, dump, StringComparison.Ordinal);
        Assert.Empty(Blobs(sha256));
        Assert.All(Directory.EnumerateFiles(Path.Combine(shared.Stack.Home, "logs"), "*", SearchOption.AllDirectories), log =>
        {
            var text = Encoding.UTF8.GetString(ReadShared(log));
            Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
            Assert.DoesNotContain(sha256, text, StringComparison.OrdinalIgnoreCase);
        });

        var again = (await shared.Stack.RunAsync("erase", "--content", sha256)).Expect(0);
        Assert.Contains(receipt.GetProperty("record_hash").GetString()!, again.Output, StringComparison.Ordinal);
        Assert.Contains(
            "No such image", (await shared.Stack.RunAsync("erase", "erase", "unknown")).Expect(2).Errors, StringComparison.Ordinal);
        (await shared.Stack.RunAsync("submit", folder, "--source", "erase")).Expect(1);
        Assert.Equal(["erased"],
            await shared.Stack.QueryAsync<string>("select reject_reason from cpf.images where source = 'erase' and state = 'rejected'"));
        Assert.Empty(Blobs(sha256));
    }

    private IEnumerable<string> Blobs(string sha256) =>
        Directory.EnumerateFiles(Path.Combine(shared.Stack.Home, "blobs"), $"{sha256}*", SearchOption.AllDirectories);

    private static byte[] ReadShared(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
