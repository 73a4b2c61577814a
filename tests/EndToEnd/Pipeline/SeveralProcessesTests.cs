using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>Several processes of each service in one installation.</summary>
public sealed class SeveralProcessesTests
{
    [Fact]
    public async Task Up_TwoOfEachAndAJoiner_AreKnownKeptRunningAndStopped()
    {
        await using var stack = await Stack.UpAsync(new() { ["CPF_SUPERVISE"] = "1" }, each: 2, joiners: 1);
        string[] all = ["Embedder", "Embedder-2", "Ingest", "Ingest-2", "Joiner", "Matcher", "Matcher-2", "Trainer"];
        Assert.Equal(all, await RunningAsync(stack));

        // Any of them can be asked, and one that dies comes back under its own name.
        using (var second = await stack.ClientAsync("Matcher-2"))
        {
            Assert.True((await second.GetAsync("/status")).IsSuccessStatusCode);
        }

        var killed = await stack.PidAsync("Matcher-2");
        await stack.KillAsync("Matcher-2");
        await Stack.UntilAsync(async () => (await RunningAsync(stack)).SequenceEqual(all), "all run again");
        Assert.NotEqual(killed, await stack.PidAsync("Matcher-2"));
        Assert.Contains("matcher-2 1", (await stack.RunAsync("status")).Output, StringComparison.Ordinal);
        Assert.NotEmpty((await stack.RunAsync("logs", "matcher-2")).Expect(0).Output);

        // The number is kept; a smaller one stops the others.
        (await stack.RunAsync("up")).Expect(0);
        Assert.Equal(all, await RunningAsync(stack));
        (await stack.RunAsync("up", "--each", "1", "--joiners", "0")).Expect(0);
        Assert.Equal(["Embedder", "Ingest", "Matcher", "Trainer"], await RunningAsync(stack));
        Assert.Single(stack.PidsOf("matcher"));
        Assert.Empty(stack.PidsOf("joiner"));

        (await stack.RunAsync("up", "--each", "2")).Expect(0);
        (await stack.RunAsync("down")).Expect(0);
        Assert.Empty(stack.Processes());
    }

    private static async Task<IReadOnlyList<string>> RunningAsync(Stack stack) =>
    [
        .. (await stack.StatusAsync()).GetProperty("services").EnumerateArray()
            .Where(s => s.GetProperty("healthy").GetBoolean() && s.GetProperty("pid").ValueKind == System.Text.Json.JsonValueKind.Number)
            .Select(s => s.GetProperty("name").GetString()!).Order(StringComparer.Ordinal),
    ];
}
