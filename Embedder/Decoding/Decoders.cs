using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Embedder.Decoding;

/// <summary>The pool of processes that decode, wired to settings, log and metrics.</summary>
internal static class Decoders
{
    public static void AddAll(IServiceCollection services)
    {
        services.AddSingleton(Create);
        services.AddSingleton<IPictureDecoder>(s => s.GetRequiredService<DecoderPool>());
        services.AddHostedService<DecoderStart>();
        DecoderDetail.AddAll(services);
    }

    private static DecoderPool Create(IServiceProvider services)
    {
        var options = services.GetRequiredService<IOptions<EmbedderOptions>>().Value;
        var decoding = options.Decoding;
        var pool = new DecoderPool(
            new DecoderSettings
            {
                Command = DecoderCommand.Beside, Limits = options.Limits, Count = options.EffectiveWorkers,
                PicturesPerProcess = decoding.PicturesPerProcess, MaxMemoryBytes = decoding.MaxMemoryBytes,
                MaxIdleMemoryBytes = decoding.MaxIdleMemoryBytes, RequiredWalls = decoding.RequireWalls ? WallNames.Required : Wall.None,
            },
            services.GetRequiredService<TimeProvider>());
        var (logger, metrics) = (services.GetRequiredService<ILogger<DecoderPool>>(), services.GetRequiredService<EmbedderMetrics>());
        pool.Lost += (loss, detail) =>
        {
            metrics.DecoderReplaced(loss);
            if (loss == DecoderLoss.Retired)
            {
                Log.DecoderRetired(logger);
            }
            else
            {
                Log.DecoderLost(logger, loss, detail);
            }
        };
        return pool;
    }
}
