using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>A night that must not change anything.</summary>
public sealed class RefusedNightTests
{
    private const int GateRefused = 4;

    [Fact]
    public async Task Night_KeysAreShuffled_IsRefusedWithItsReasonAndTheModelStays()
    {
        var folder = Directory.CreateTempSubdirectory("cpf-e2e-shuffled-").FullName;
        await using var stack = await Stack.UpAsync(new() { ["Trainer__Epochs"] = "4" });
        try
        {
            var feed = PictureFolder.FillWithKeys(folder, 90, "google", "twitter", "openmoji", "fluent3d");
            ShuffleKeys(feed);
            (await stack.RunAsync("submit", feed, "--source", "feed")).Expect(0);
            var before = await stack.GroupsAsync();

            var night = (await stack.RunAsync("train", "--nightly", "--wait")).Expect(GateRefused);

            var reason = Assert.Single(await stack.QueryAsync<string>("select message from cpf.training_runs where state = 'refused'"));
            Assert.Contains("F1", reason, StringComparison.Ordinal);
            Assert.Contains(reason, night.Output + night.Errors, StringComparison.Ordinal);
            var models = JsonDocument.Parse(
                (await stack.RunAsync("models", "--format", "json")).Expect(0).Output).RootElement.EnumerateArray()
                .Select(m => (m.GetProperty("model_id").GetInt64(), m.GetProperty("state").GetString())).ToArray();
            Assert.Equal([(2, "refused"), (1, "active")], models);
            Assert.Equal(before, await stack.GroupsAsync());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Every picture keeps its name and gets the key of another one.
    private static void ShuffleKeys(string feed)
    {
        var rows = File.ReadAllLines(feed).Skip(1).Select(line => line.Split(',')).ToArray();
        var keys = rows.Select(row => row[2]).ToArray();
        new Random(1).Shuffle(keys);
        File.WriteAllLines(
            feed, ["external_id,uri,product_key,key_scope", .. rows.Select((row, i) => $"{row[0]},{row[1]},{keys[i]},{row[3]}")]);
    }
}
