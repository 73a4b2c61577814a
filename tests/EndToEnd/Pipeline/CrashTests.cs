using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

public sealed class CrashTests
{
    [Fact]
    public async Task Kill9_EmbedderAndMatcherInTheMiddleOfAFeed_ResultIsTheSameAsWithoutAndDownLeavesNoProcess()
    {
        var folder = Directory.CreateTempSubdirectory("cpf-e2e-crash-").FullName;
        try
        {
            PictureFolder.Fill(folder, "openmoji", 150);
            await PictureFolder.AddCopiesAsync(folder, every: 2);
            string undisturbed;
            await using (var stack = await Stack.UpAsync())
            {
                (await stack.RunAsync("submit", folder, "--source", "feed")).Expect(0);
                undisturbed = await stack.GroupsAsync();
                await AssertDownLeavesNoProcessAsync(stack);
            }

            await using var crashing = await Stack.UpAsync();
            var submit = crashing.Begin("submit", folder, "--source", "feed");
            await Stack.UntilAsync(async () =>
                (await crashing.QueryAsync<long>("select count(*) from cpf.embeddings"))[0] > 50, "some images are embedded");
            await crashing.KillAsync("Embedder");
            await crashing.KillAsync("Matcher");
            (await crashing.RunAsync("up")).Expect(0);
            await submit;
            (await crashing.RunAsync("submit", folder, "--source", "feed")).Expect(0);

            Assert.Contains("\"group_id\"", undisturbed, StringComparison.Ordinal);
            Assert.Equal(undisturbed, await crashing.GroupsAsync());
            Assert.Equal([0], await crashing.QueryAsync<long>("select count(*) from cpf.image_status where status <> 'matched'"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task AssertDownLeavesNoProcessAsync(Stack stack)
    {
        Assert.NotEmpty(stack.Processes());

        (await stack.RunAsync("down")).Expect(0);

        await Stack.UntilAsync(() => Task.FromResult(stack.Processes().Count == 0), "no process is left", TimeSpan.FromSeconds(5));
    }
}
