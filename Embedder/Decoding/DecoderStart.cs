using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Embedder.Decoding;

/// <summary>Starts the decoders before anything comes in, and says which walls stand around them.</summary>
internal sealed class DecoderStart(DecoderPool pool, ILogger<DecoderPool> logger) : IHostedService
{
    /// <exception cref="DecoderStartException">They do not start, or lack walls that are required.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Task.Run(pool.Start, cancellationToken);
        var walls = pool.Walls ?? Wall.None;
        var missing = WallNames.All.Where(w => !walls.HasFlag(w)).SelectMany(WallNames.Of).ToList();
        Log.DecodersStarted(
            logger, pool.ProcessIds.Count, string.Join(", ", WallNames.Of(walls)),
            missing.Count == 0 ? "nothing" : string.Join(", ", missing));
        if ((WallNames.Required & ~walls) is var weak && weak != Wall.None)
        {
            Log.WallsMissing(logger, string.Join(", ", WallNames.Of(weak)));
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
