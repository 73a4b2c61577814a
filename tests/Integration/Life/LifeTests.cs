using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Life;

/// <summary>
/// The whole life of images, from the first submission to the last trace: after any sequence of submissions, retractions, verdicts,
/// erasures, collections, late and repeated messages the database says what a naive model says. Searches and joins are the Matcher's own
/// tests; here it is what they rest on.
/// </summary>
public sealed class LifeTests(TestDatabases databases)
{
    private const int Steps = 150;

    [Theory]
    [InlineData(1, 2_000)]
    [InlineData(2, 2_000)]
    [InlineData(3, 2_000)]
    [InlineData(4, 2)]
    [InlineData(5, 2)]
    [InlineData(6, 2)]
    public async Task Life_AnySteps_IsWhatTheModelSays(int seed, int maxOnlineComponent)
    {
        await using var world = await LifeWorld.StartAsync(databases, new MatcherOptions { MaxOnlineComponent = maxOnlineComponent });
        var random = new Random(seed);
        var taken = new List<LifeStep>();
        try
        {
            while (taken.Count < Steps)
            {
                foreach (var step in LifeSteps.Next(random, world.Model))
                {
                    taken.Add(step);
                    await world.TakeAsync(step);
                }

                if (taken.Count % 3 == 0)
                {
                    await LifeChecks.AssertSameAsync(world);
                }
            }

            taken.Add(new LifeStep.Settle());
            await world.TakeAsync(taken[^1]);
            await LifeChecks.AssertSameAsync(world);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"Seed {seed}: {e.Message}\nafter\n{string.Join('\n', taken)}", e);
        }
    }
}
