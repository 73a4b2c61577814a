using System.Text;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>What people know, given by command and by message: verdicts and placeholders.</summary>
public sealed class ReviewTests(SharedStack shared)
{
    [Fact]
    public async Task Verdict_ByCommandAndByMessage_TheGroupsFollowAndContradictionsNameTheChain()
    {
        var folder = shared.NewFolder();
        var names = PictureFolder.Fill(folder, "google", 3, skip: 700);
        (await shared.Stack.RunAsync("submit", folder, "--source", "review")).Expect(0);
        string[] ids = [.. names.Select(n => n + ".png")];

        var same = (await shared.Stack.RunAsync(
            "verdict", "same", "review", ids[0], "review", ids[1], "--who", "ann", "--note", "same thing")).Expect(0);
        Assert.Contains("both in group", same.Output, StringComparison.Ordinal);
        Assert.Equal(1, await GroupsOfAsync(ids[0], ids[1]));
        (await shared.Stack.RunAsync("verdict", "same", "review", ids[1], "review", ids[2])).Expect(0);

        var refused = (await shared.Stack.RunAsync("verdict", "different", "review", ids[0], "review", ids[2])).Expect(2);
        Assert.Contains($"review/{ids[0]} same review/{ids[1]} (by ann", refused.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", refused.Errors, StringComparison.Ordinal);
        var unknown = (await shared.Stack.RunAsync("verdict", "same", "review", "nothing", "review", ids[2])).Expect(2);
        Assert.Contains("no image nothing", unknown.Errors, StringComparison.Ordinal);

        var factory = new ConnectionFactory { Uri = shared.Stack.RabbitMq };
        await using (var connection = await factory.CreateConnectionAsync())
        await using (var channel = await connection.CreateChannelAsync())
        {
            var body = $$"""
                {"sourceA":"review","externalIdA":"{{ids[0]}}","sourceB":"review","externalIdB":"{{ids[1]}}",
                 "verdict":"withdrawn","who":"bob"}
                """;
            await channel.BasicPublishAsync(string.Empty, "cpf.give-verdict", Encoding.UTF8.GetBytes(body));
        }

        await Stack.UntilAsync(async () => await GroupsOfAsync(ids[0], ids[1]) == 2, "the verdict withdrawn by message lets the two apart");
        (await shared.Stack.RunAsync("verdict", "withdrawn", "review", ids[1], "review", ids[2])).Expect(0);
    }

    [Fact]
    public async Task Placeholder_MarkedAndLetGo_LeavesAndComesBack()
    {
        var folder = shared.NewFolder();
        var id = PictureFolder.Fill(folder, "google", 1, skip: 720)[0] + ".png";
        (await shared.Stack.RunAsync("submit", folder, "--source", "logo")).Expect(0);

        (await shared.Stack.RunAsync("placeholder", "mark", "logo", id, "--note", "a logo")).Expect(0);
        Assert.Equal(["placeholder"], await StatusAsync());
        Assert.Contains("a logo", (await shared.Stack.RunAsync("placeholder")).Expect(0).Output, StringComparison.Ordinal);
        (await shared.Stack.RunAsync("placeholder", "auto", "logo", id)).Expect(0);
        Assert.Equal(["matched"], await StatusAsync());
        Assert.Contains("2 or more", (await shared.Stack.RunAsync("placeholder", "limit", "1")).Expect(2).Errors, StringComparison.Ordinal);

        Task<List<string>> StatusAsync() => shared.Stack.QueryAsync<string>("select status from cpf.image_status where source = 'logo'");
    }

    private async Task<int> GroupsOfAsync(params string[] externalIds) =>
        (await shared.Stack.QueryAsync<long>(
            "select distinct group_id from cpf.image_status where source = 'review' and external_id = any($1)", (object)externalIds)).Count;
}
