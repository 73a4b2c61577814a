using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

public sealed class SubmitTests(SharedStack shared)
{
    [Fact]
    public async Task Submit_CopiesAmongDistractors_AreGroupedAndASecondTimeChangesNothing()
    {
        var folder = shared.NewFolder();
        PictureFolder.Fill(folder, "openmoji", 200);
        await PictureFolder.AddCopiesAsync(folder, every: 4);
        var files = Directory.GetFiles(folder).Length;

        (await shared.Stack.RunAsync("submit", folder, "--source", "copies")).Expect(0);

        var json = await shared.Stack.GroupsAsync();
        var groups = Members(json, "copies");
        var copies = Directory.GetFiles(folder).Select(path => Path.GetFileName(path)!).Where(name => name.Contains('~')).ToList();
        var found = copies.Count(copy => groups.Any(g => g.Contains(copy) && g.Contains(Original(copy))));

        // The default model knows photographs. Of small drawings its threshold leaves half of the copies apart.
        Assert.True(found >= 0.4 * copies.Count, $"{found} of {copies.Count} copies are with their original");
        Assert.All(groups, g => Assert.True(g.Count < 0.2 * files, $"a group of {g.Count} of {files} images"));
        var status = await shared.Stack.StatusAsync();
        Assert.Equal(0, status.GetProperty("pending").GetInt64());
        Assert.Equal(0, status.GetProperty("unreconciled").GetInt64());

        var events = await shared.Stack.QueryAsync<long>("select max(seq) from cpf.group_events");
        (await shared.Stack.RunAsync("submit", folder, "--source", "copies")).Expect(0);
        Assert.Equal(json, await shared.Stack.GroupsAsync());
        Assert.Equal(events, await shared.Stack.QueryAsync<long>("select max(seq) from cpf.group_events"));
    }

    [Fact]
    public async Task Submit_PhotographsWithCopies_AreMatchedAsTheDefaultModelPromises()
    {
        var folder = shared.NewFolder();
        PictureFolder.FillWithPhotographs(folder, "cub", 160);
        await PictureFolder.AddCopiesAsync(folder, every: 2);

        (await shared.Stack.RunAsync("submit", folder, "--source", "photographs")).Expect(0);

        var groups = Members(await shared.Stack.GroupsAsync(), "photographs");
        var together = groups.Sum(g => g.Count * (g.Count - 1) / 2);
        var right = groups.Sum(g => g.GroupBy(Original).Sum(one => one.Count() * (one.Count() - 1) / 2));
        var all = Directory.GetFiles(folder)
            .GroupBy(path => Original(Path.GetFileName(path))).Sum(one => one.Count() * (one.Count() - 1) / 2);
        Assert.True(right >= .85 * together && right >= .6 * all, $"{right} right pairs of {together} in groups and of {all} there are");
    }

    [Fact]
    public async Task Groups_JsonCsvAndViews_HaveTheSameContent()
    {
        var folder = shared.NewFolder();
        var names = PictureFolder.Fill(folder, "twitter", 30, skip: 300);
        foreach (var name in names.Take(5))
        {
            File.Copy(Path.Combine(folder, name + ".png"), Path.Combine(folder, name + " again, \"quoted\".png"));
        }

        await File.WriteAllLinesAsync(
            Path.Combine(folder, "labels.csv"), ["path,label,split", .. names.Select(n => $"{n}.png,key-{n},train")]);
        (await shared.Stack.RunAsync("submit", folder, "--source", "forms", "--keys", Path.Combine(folder, "labels.csv"))).Expect(0);

        var json = JsonDocument.Parse(await shared.Stack.GroupsAsync()).RootElement;
        var fromJson = json.EnumerateArray().SelectMany(g => g.GetProperty("members").EnumerateArray().Select(m => string.Join('|',
            g.GetProperty("group_id").GetString(), m.GetProperty("source").GetString(), m.GetProperty("external_id").GetString(),
            m.GetProperty("product_key").GetString(), m.GetProperty("sha256").GetString()))).ToList();
        var fromView = await shared.Stack.QueryAsync<string>(
            """
            select concat_ws('|', group_id, source, external_id, coalesce(product_key, ''), sha256)
            from cpf.match_group_members order by group_id, source collate "C", external_id collate "C"
            """);

        Assert.Equal(fromView, fromJson);
        Assert.Equal(5, fromJson.Count(line => line.Contains("again, \"quoted\"", StringComparison.Ordinal)));
        Assert.Contains(fromJson, line => line.Contains($"|key-{names[0]}|", StringComparison.Ordinal));
        var csv = (await shared.Stack.RunAsync("groups", "--format", "csv")).Expect(0).Output;
        Assert.StartsWith("group_id,source,external_id,product_key,sha256", csv, StringComparison.Ordinal);
        Assert.Contains("\"" + names[0] + " again, \"\"quoted\"\".png\"", csv, StringComparison.Ordinal);
        Assert.Equal(fromView.Count + 1, csv.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Submit_NoSuchPath_IsWrongUsageInOneLine()
    {
        var outcome = (await shared.Stack.RunAsync("submit", "/no/such/folder", "--source", "x")).Expect(2);
        Assert.Contains("/no/such/folder", outcome.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_SnapshotWithoutHalfOfTheImages_IsRefusedAndASmallLossIsRetracted()
    {
        var folder = shared.NewFolder();
        var names = PictureFolder.Fill(folder, "google", 20, skip: 500);
        (await shared.Stack.RunAsync("submit", folder, "--source", "snap", "--snapshot")).Expect(0);

        File.Delete(Path.Combine(folder, names[0] + ".png"));
        (await shared.Stack.RunAsync("submit", folder, "--source", "snap", "--snapshot")).Expect(0);
        Assert.Equal(["retracted"], await shared.Stack.QueryAsync<string>(
            "select state from cpf.images where source = 'snap' and external_id = $1", names[0] + ".png"));

        foreach (var name in names.Skip(1).Take(10))
        {
            File.Delete(Path.Combine(folder, name + ".png"));
        }

        var refused = await shared.Stack.RunAsync("submit", folder, "--source", "snap", "--snapshot");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Equal(
            [19], await shared.Stack.QueryAsync<long>("select count(*) from cpf.images where source = 'snap' and state = 'stored'"));
    }

    private static string Original(string name) =>
        name.IndexOf('~', StringComparison.Ordinal) is > 0 and var mark ? name[..mark] + ".png" : Path.ChangeExtension(name, ".png");

    private static List<HashSet<string>> Members(string json, string source) =>
        [.. JsonDocument.Parse(json).RootElement.EnumerateArray()
            .Select(g => g.GetProperty("members").EnumerateArray().Where(m => m.GetProperty("source").GetString() == source)
                .Select(m => m.GetProperty("external_id").GetString()!).ToHashSet())];
}
