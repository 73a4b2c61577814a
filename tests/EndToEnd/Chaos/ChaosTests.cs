using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>
/// Whatever breaks while a marketplace works, the end is that of a calm run with the same inputs. <c>infra/cpf chaos</c> runs it for longer
/// (<c>CPF_CHAOS_MINUTES</c>, <c>CPF_CHAOS_SEED</c>, <c>CPF_CHAOS_EACH</c>) and shows what happens.
/// </summary>
public sealed class ChaosTests
{
    private const int ImagesPerMinute = 45;
    private static readonly string[] Vendors = ["google", "twitter", "openmoji"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);
    private readonly long _start = TimeProvider.System.GetTimestamp();

    [Fact]
    public async Task Pipeline_KilledFrozenAndCutWhileItWorks_EndsAsACalmOne()
    {
        var minutes = Setting("CPF_CHAOS_MINUTES", 2);
        var seed = (int)Setting("CPF_CHAOS_SEED", 1);
        var each = (int)Setting("CPF_CHAOS_EACH", 1);
        Log(string.Create(CultureInfo.InvariantCulture, $"seed {seed}, {minutes} minutes, {each} of each service"));
        var folder = Directory.CreateTempSubdirectory("cpf-chaos-").FullName;
        try
        {
            var ids = Fill(folder, Math.Clamp((int)(minutes * ImagesPerMinute), 24, 600));
            var inputs = ChaosInputs.Make(ids, new Random(seed));
            var calm = await RunAsync(folder, inputs, seed, TimeSpan.Zero, each: 1);
            Log($"calm: {calm.Lines.Count} rows");
            var chaos = await RunAsync(folder, inputs, seed, TimeSpan.FromMinutes(minutes), each);

            Assert.Contains(calm.Lines, line => line.StartsWith("member", StringComparison.Ordinal));
            var differences = calm.Lines.Except(chaos.Lines).Select(l => $"only calm:  {l}")
                .Concat(chaos.Lines.Except(calm.Lines).Select(l => $"only chaos: {l}")).ToList();
            differences.ForEach(Log);
            Assert.True(differences.Count == 0, $"seed {seed}: {string.Join(" | ", differences.Take(10))}");
            Assert.Equal(calm.Lines, chaos.Lines);
            Assert.Equal(calm.Failed, chaos.Failed);
            Assert.All(chaos.Failed, failed => Assert.StartsWith("poison-", failed, StringComparison.Ordinal));
            Assert.Equal(
                inputs.Where(i => i.Kind == InputKind.Poison).Select(i => i.Word).Order(),
                chaos.Failed.Select(f => f.Split(':')[0]).Distinct().Order());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private async Task<ChaosEnd> RunAsync(
        string folder, IReadOnlyList<ChaosInput> inputs, int seed, TimeSpan time, int each)
    {
        var isChaos = time > TimeSpan.Zero;
        await using var stack = await Stack.UpAsync(new()
        {
            ["Ingest__FileRoots__0"] = folder, ["CPF_SUPERVISE"] = "1", ["Ingest__CollectAfter"] = "3650.00:00:00",
        });
        var model = (await stack.QueryAsync<long>("select model_id from cpf.models where state = 'active'"))[0];
        var extras = new List<ExtraService>();
        try
        {
            foreach (var service in each > 1 ? ["Ingest", "Embedder", "Matcher", "Trainer"] : Array.Empty<string>())
            {
                extras.Add(await ExtraService.StartAsync(stack, service));
            }

            using var market = new ChaosMarket(stack, folder, Log);
            using var over = new CancellationTokenSource();
            var monkey = new ChaosMonkey(stack, extras, new Random(seed + 1), Log);
            var breaking = isChaos ? monkey.RunAsync(over.Token) : Task.CompletedTask;
            var start = TimeProvider.System.GetTimestamp();
            for (var n = 0; n < inputs.Count; n++)
            {
                await market.GiveAsync(inputs[n]);
                var due = (time * (n + 1) / inputs.Count) - TimeProvider.System.GetElapsedTime(start);
                if (due > TimeSpan.Zero)
                {
                    // No wait for anything: the feed's own pace, which spreads it over the time.
                    await Task.Delay(due, TimeProvider.System, CancellationToken.None);
                }
            }

            await over.CancelAsync();
            await breaking;
            Log($"all {inputs.Count} inputs were taken; {string.Join(", ", monkey.Done.Select(d => $"{d.Value} x {d.Key}"))}");
            // Each poison is a message for two queues.
            var end = await ChaosEnd.ReadAsync(stack, model, 2 * inputs.Count(i => i.Kind == InputKind.Poison), Log, Patience);
            if (isChaos)
            {
                await AssertSupervisedAsync(stack);
            }

            return end;
        }
        catch
        {
            stack.KeepLogs(Log);
            throw;
        }
        finally
        {
            foreach (var extra in extras)
            {
                await extra.DisposeAsync();
            }
        }
    }

    /// <summary>
    /// What died was counted. Without its supervisor the pipeline goes on, and <c>up</c> repairs that. <c>down</c> ends all.
    /// </summary>
    private static async Task AssertSupervisedAsync(Stack stack)
    {
        var supervisor = (await stack.StatusAsync()).GetProperty("supervisor");
        Assert.True(supervisor.GetProperty("restarts").EnumerateObject().Sum(r => r.Value.GetInt32()) > 0);

        using (var process = Process.GetProcessById(supervisor.GetProperty("pid").GetInt32()))
        {
            process.Kill();
            await process.WaitForExitAsync();
        }

        Assert.NotEmpty(stack.PidsOf("matcher"));
        (await stack.RunAsync("up")).Expect(0);
        Assert.True((await stack.StatusAsync()).GetProperty("supervisor").GetProperty("pid").GetInt32() > 0);
        (await stack.RunAsync("down")).Expect(0);
        await Stack.UntilAsync(
            () => Task.FromResult(!stack.Processes().Exists(IsOfTheStack)),
            "no process of its own is left", TimeSpan.FromSeconds(5));
    }

    // The second process of a service is the test's.
    private static bool IsOfTheStack(string commandLine) =>
        !commandLine.Contains("/CpfPipeline.", StringComparison.Ordinal)
        || commandLine.Contains("/CpfPipeline.Cli.dll", StringComparison.Ordinal);

    private static List<string> Fill(string folder, int count)
    {
        foreach (var vendor in Vendors)
        {
            PictureFolder.Fill(Directory.CreateDirectory(Path.Combine(folder, vendor)).FullName, vendor, (count / Vendors.Length) + 1);
        }

        return [.. Directory.EnumerateFiles(folder, "*.png", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f)).Order(StringComparer.Ordinal).Take(count)];
    }

    private void Log(string line) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture, $"{TimeProvider.System.GetElapsedTime(_start).TotalSeconds,7:0.0} s  {line}"));

    private static double Setting(string name, double usual) =>
        double.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
