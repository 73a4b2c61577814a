using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Trainer.Decoding;

/// <summary>
/// Processes that decode the catalogue's pictures, which are files of strangers, for one piece of work: as many as there are cores. Between
/// nights there are none.
/// </summary>
internal sealed class TrainerDecoders(IOptions<TrainerOptions> options, TimeProvider time, ILogger<DecoderPool> logger)
{
    /// <summary>Starts them, and says which walls are missing around them. The caller ends them.</summary>
    /// <exception cref="DecoderStartException">They do not start, or lack walls that are required.</exception>
    public DecoderPool Open()
    {
        var pool = Open(time, options.Value.RequireWalls);
        try
        {
            pool.Lost += (loss, detail) =>
            {
                if (loss != DecoderLoss.Retired)
                {
                    Log.DecoderLost(logger, loss, detail);
                }
            };
            pool.Start();
            if ((WallNames.Required & ~(pool.Walls ?? Wall.None)) is var weak && weak != Wall.None)
            {
                Log.WallsMissing(logger, string.Join(", ", WallNames.Of(weak)));
            }

            return pool;
        }
        catch
        {
            pool.Dispose();
            throw;
        }
    }

    /// <summary>The same for what runs beside the service: the first picture starts them, and nothing is logged.</summary>
    public static DecoderPool Open(TimeProvider time, bool requireWalls = false) => new(
        new DecoderSettings
        {
            Command = DecoderCommand.Beside, Limits = new ImageLimits(), Count = Environment.ProcessorCount,
            RequiredWalls = requireWalls ? WallNames.Required : Wall.None,
        },
        time);
}
