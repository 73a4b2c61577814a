using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>A picture compared with the catalogue, through all services.</summary>
public sealed partial class FindTests(SharedStack shared)
{
    private const string Everything = """
        select concat_ws(' ', (select count(*) from cpf.contents), (select count(*) from cpf.images), (select count(*) from cpf.features),
            (select count(*) from cpf.embeddings), (select count(*) from cpf.group_members), (select count(*) from cpf.outbox))
        """;

    [Fact]
    public async Task Find_PicturesOfAPerson_AreAnsweredOrRefusedAndNotKept()
    {
        var (folder, other) = (shared.NewFolder(), shared.NewFolder());
        var names = PictureFolder.Fill(folder, "google", 3, skip: 740);
        var unseen = PictureFolder.Fill(other, "twitter", 1, skip: 740);
        (await shared.Stack.RunAsync("submit", folder, "--source", "find")).Expect(0);
        using var http = await shared.Stack.ClientAsync("Matcher");
        var before = (await shared.Stack.QueryAsync<string>(Everything))[0];
        var known = await File.ReadAllBytesAsync(Path.Combine(folder, names[0] + ".png"));

        Assert.Contains("This very picture is in the catalogue", await FindAsync(http, known, null), StringComparison.Ordinal);
        var answer = await FindAsync(http, await File.ReadAllBytesAsync(Path.Combine(other, unseen[0] + ".png")), null);
        Assert.Matches("It would (join|be in a group of its own)", answer);
        Assert.Contains($"find/{names[0]}.png", answer, StringComparison.Ordinal);
        Assert.Contains("Refused (truncated)", await FindAsync(http, known[..^200], null), StringComparison.Ordinal);
        Assert.Contains("Refused (unsupported_format)", await FindAsync(http, "<html>"u8.ToArray(), null), StringComparison.Ordinal);
        answer = await FindAsync(http, null, $"http://localhost:{http.BaseAddress!.Port}/");
        Assert.Contains("Refused (private_address)", answer, StringComparison.Ordinal);

        Assert.Equal(before, (await shared.Stack.QueryAsync<string>(Everything))[0]);
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(shared.Stack.Home, "blobs", "probes")));
    }

    private static async Task<string> FindAsync(HttpClient http, byte[]? picture, string? uri)
    {
        var form = await http.GetStringAsync("/find");
        using var content = new MultipartFormDataContent
        {
            { new StringContent(FormToken().Match(form).Groups[1].Value), "__RequestVerificationToken" },
            { new StringContent(uri ?? ""), "uri" },
        };
        if (picture is not null)
        {
            content.Add(new ByteArrayContent(picture), "picture", "picture");
        }

        using var answer = await http.PostAsync("/find", content);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }

    [GeneratedRegex("""name="__RequestVerificationToken"[^>]* value="([^"]+)""")]
    private static partial Regex FormToken();
}
