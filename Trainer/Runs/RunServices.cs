using CpfPipeline.Data.Handover;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Runs;
using CpfPipeline.Hosting;
using CpfPipeline.Nights;
using CpfPipeline.Nights.Candidates;
using CpfPipeline.Nights.Driver;
using CpfPipeline.Nights.Handover;
using CpfPipeline.Nights.Runs;
using CpfPipeline.Trainer.Api;
using CpfPipeline.Trainer.Consumers;
using CpfPipeline.Trainer.Decoding;
using CpfPipeline.Vision.Decoders;

namespace CpfPipeline.Trainer.Runs;

/// <summary>The parts that take, drive and tell of runs.</summary>
internal static class RunServices
{
    public static void AddRuns(this IServiceCollection services)
    {
        services.AddSingleton<TrainingRunStore>();
        services.AddSingleton<ModelListStore>();
        services.AddSingleton<ModelTransitions>();
        services.AddSingleton<ModelRetention>();
        services.AddSingleton<ModelPreparationStore>();
        services.AddSingleton<ModelDiffStore>();
        services.AddSingleton<BackfillStore>();
        services.AddSingleton<TrainerDecoders>();
        services.AddSingleton<Func<DecoderPool>>(s => s.GetRequiredService<TrainerDecoders>().Open);
        services.AddSingleton<ICandidateBuilder, CandidateBuilder>();
        services.AddSingleton<RunMetrics>();
        services.AddSingleton<RunSignal>();
        services.AddSingleton<RunDesk>();
        services.AddSingleton<BusOrders>();
        services.AddSingleton<CandidateRegistration>();
        services.AddSingleton<Backfill>();
        services.AddSingleton<ShadowIndex>();
        services.AddSingleton<MatcherWait>();
        services.AddSingleton<HandoverSteps>();
        services.AddSingleton<RunEnding>();
        services.AddSingleton<RunDriver>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<RunAnswers>();
        services.AddProblemDetails();
        services.AddOpenApi(ApiConventions.Describe);
    }
}
