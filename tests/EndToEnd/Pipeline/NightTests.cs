using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>
/// Nights on real processes: training on the feeds' keys, handing over, going back. <c>CPF_NIGHT_IMAGES</c> (images a vendor) and
/// <c>CPF_NIGHT_ROUNDS</c> make them larger: 5 rounds kill each of the five components at each step.
/// </summary>
public sealed class NightTests
{
    private static readonly string[] Vendors = ["google", "twitter", "openmoji", "fluent3d"];
    private static readonly string[] Victims = ["Trainer", "Matcher", "postgres", "Embedder", "rabbitmq"];

    // Whether the model is better is not the question here.
    private static readonly Dictionary<string, string> Settings = new()
    {
        ["Trainer__Epochs"] = "2", ["Trainer__MaxChurn"] = "1", ["Trainer__GateMargin"] = "1",
    };

    [Fact]
    public async Task Night_SomethingKilledAtEveryStep_EndsAsWithoutOnceAndReadersSeeNothingOfIt()
    {
        var folder = Directory.CreateTempSubdirectory("cpf-e2e-night-").FullName;
        try
        {
            var feed = PictureFolder.FillWithKeys(folder, Setting("CPF_NIGHT_IMAGES", 90), Vendors);
            var (undisturbed, before, wentBack) = await UndisturbedAsync(feed);
            Assert.NotEqual(before, undisturbed);
            Assert.Equal(before, wentBack);
            for (var round = 0; round < Setting("CPF_NIGHT_ROUNDS", 1); round++)
            {
                Assert.Equal(undisturbed, await KillingAsync(feed, round));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<(string Groups, string Before, string WentBack)> UndisturbedAsync(string feed)
    {
        await using var stack = await Stack.UpAsync(Settings);
        (await stack.RunAsync("submit", feed, "--source", "feed")).Expect(0);
        var before = await stack.GroupsAsync();
        await using var watch = new ViewWatch(stack);
        (await stack.RunAsync("train", "--nightly", "--wait")).Expect(0);
        var groups = await stack.GroupsAsync();
        var models = JsonDocument.Parse((await stack.RunAsync("models", "--format", "json")).Expect(0).Output).RootElement.EnumerateArray()
            .Select(m => (m.GetProperty("model_id").GetString(), m.GetProperty("state").GetString())).ToArray();
        Assert.Equal([("2", "active"), ("1", "retired")], models);

        (await stack.RunAsync("rollback", "--wait")).Expect(0);
        var wentBack = await stack.GroupsAsync();
        Assert.Empty(await watch.StopAsync());
        Assert.True(watch.Looks > 20, $"the reader looked {watch.Looks} times");
        Assert.Equal([1L], await stack.QueryAsync<long>("select model_id from cpf.models where state = 'active'"));

        // A model that was never there is a mistake of the user.
        Assert.Equal(2, (await stack.RunAsync("activate", "99", "--wait")).ExitCode);
        return (groups, before, wentBack);
    }

    private static async Task<string> KillingAsync(string feed, int round)
    {
        await using var stack = await Stack.UpAsync(Settings);
        (await stack.RunAsync("submit", feed, "--source", "feed")).Expect(0);
        await using var watch = new ViewWatch(stack);
        await using var gate = await StepGate.InstallAsync(stack);
        var run = stack.Begin("train", "--nightly", "--wait", "--idempotency-key", "one");
        var killedAt = new List<string>();
        while (!run.IsCompleted)
        {
            if (await gate.HeldAsync() is { } step)
            {
                await stack.KillAnyAsync(Victims[(killedAt.Count + round) % Victims.Length]);
                (await stack.RunAsync("up")).Expect(0);
                await gate.OpenAsync(step);
                killedAt.Add(step);
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        (await run).Expect(0);
        Assert.Equal(["building_set", "training", "shadow_embed", "index", "join", "diff", "activate"],
            killedAt.Except(["calibrating", "evaluating", "gate"]));
        Assert.Empty(await watch.StopAsync());
        Assert.Equal(["finished"], await stack.QueryAsync<string>("select state from cpf.training_runs"));
        Assert.Equal([2L], await stack.QueryAsync<long>("select count(*) from cpf.models"));
        var active = Assert.Single(await stack.QueryAsync<long>("select model_id from cpf.models where state = 'active'"));
        Assert.Equal([active], await stack.QueryAsync<long>("select model_id from cpf.training_runs"));

        // The takeover was announced once: no content changed its group twice under the new model.
        Assert.Equal([0L], await stack.QueryAsync<long>(
            """
            select count(*) from (select content_id from cpf.group_events where model_id = $1 group by content_id having count(*) > 1) twice
            """, active));
        (await stack.RunAsync("train", "--nightly", "--wait", "--idempotency-key", "one")).Expect(0);
        Assert.Single(await stack.QueryAsync<Guid>("select run_id from cpf.training_runs"));

        // After a crash the server's sequences continue with other numbers.
        return Regex.Replace(await stack.GroupsAsync(), $"(\"model_id\": *\"?){active}\\b", "${1}2");
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
