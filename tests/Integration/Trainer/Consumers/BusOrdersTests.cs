using CpfPipeline.Contracts;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer.Consumers;
using CpfPipeline.Trainer.Jobs;
using CpfPipeline.Vocabulary;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Consumers;

public sealed class BusOrdersTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Take_ActivationOfAModelThatIsThere_BeginsItsRunOnce()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        var model = await CandidateAsync(harness);
        using var services = Services();
        var orders = Orders(harness, services);

        Assert.Null(await orders.TakeAsync(Activation("a", model), Token));
        Assert.Null(await orders.TakeAsync(Activation("a", model), Token));

        var run = Assert.Single(await harness.Runs.ListAsync(10, Token));
        Assert.Equal((TrainingRunKind.Activation, model, "bus", "a"), (run.Kind, run.ModelId, run.Trigger, run.IdempotencyKey));
    }

    [Fact]
    public async Task Take_ActivationWhileAnotherRunGoesOn_IsAnsweredAtOnce()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        var model = await CandidateAsync(harness);
        using var services = Services();
        var orders = Orders(harness, services);
        Assert.Null(await orders.TakeAsync(new TrainModel { IdempotencyKey = "night" }, Token));

        var answer = await orders.TakeAsync(Activation("a", model), Token);

        Assert.Equal(("a", TrainingRunState.Failed), (answer!.IdempotencyKey, answer.State));
        Assert.Contains("another run is going on", answer.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("also_asked", Assert.Single(await harness.Runs.ListAsync(10, Token)).RequestJson, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Take_ActivationOfNothing_IsAnsweredAtOnce()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        using var services = Services();
        var orders = Orders(harness, services);

        Assert.Contains("needs modelId", (await orders.TakeAsync(Activation("a", null), Token))!.Message, StringComparison.Ordinal);
        Assert.Contains("There is no model 99", (await orders.TakeAsync(Activation("b", 99), Token))!.Message, StringComparison.Ordinal);
        Assert.Contains(
            "active one already", (await orders.TakeAsync(Activation("c", harness.First.ModelId), Token))!.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "takes no modelId", (await orders.TakeAsync(new TrainModel { IdempotencyKey = "d", ModelId = 1 }, Token))!.Message,
            StringComparison.Ordinal);
        Assert.Empty(await harness.Runs.ListAsync(10, Token));
    }

    [Fact]
    public async Task Take_AfterItsTime_BeginsNothingAndIsAnswered()
    {
        await using var harness = await RunHarness.CreateAsync(databases);
        var model = await CandidateAsync(harness);
        using var services = Services();
        var orders = Orders(harness, services);
        var now = TimeProvider.System.GetUtcNow();

        var answer = await orders.TakeAsync(Activation("late", model) with { NotAfter = now.AddMinutes(-1) }, Token);
        Assert.Equal(("late", TrainingRunState.Failed), (answer!.IdempotencyKey, answer.State));
        Assert.Contains("too late", answer.Message, StringComparison.Ordinal);
        Assert.Empty(await harness.Runs.ListAsync(10, Token));

        // One in time begins, and stays begun when its message comes a second time.
        Assert.Null(await orders.TakeAsync(Activation("a", model) with { NotAfter = now.AddMinutes(10) }, Token));
        Assert.Null(await orders.TakeAsync(Activation("a", model) with { NotAfter = now.AddMinutes(-1) }, Token));
        Assert.Single(await harness.Runs.ListAsync(10, Token));
    }

    private static TrainModel Activation(string key, long? modelId) =>
        new() { IdempotencyKey = key, Kind = TrainingRunKind.Activation, ModelId = modelId };

    private static Task<long> CandidateAsync(RunHarness harness) => new ModelTransitions(harness.Database.DataSource)
        .RegisterThresholdAsync(harness.First.ModelId, harness.First.Threshold + 0.01, "{}", null, Token);

    private static ServiceProvider Services() =>
        new ServiceCollection().AddSingleton<IBackgroundJobClient, NoJobs>().BuildServiceProvider();

    private static BusOrders Orders(RunHarness harness, IServiceProvider services) => new(
        harness.Desk, harness.Runs, new JobBoard(services, NullLogger<JobBoard>.Instance), TimeProvider.System,
        NullLogger<BusOrders>.Instance);

    private sealed class NoJobs : IBackgroundJobClient
    {
        public string Create(Job job, IState state) => "1";

        public bool ChangeState(string jobId, IState state, string expectedState) => true;
    }
}
