using CpfPipeline.Hosting.Health;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;

namespace CpfPipeline.Embedder.Decoding;

/// <summary>A fact about the processes that decode for <c>/health</c>.</summary>
internal sealed class DecoderDetail(string name, DecoderPool pool, Func<DecoderPool, object?> read) : IHealthDetail
{
    public string Name => name;

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(read(pool));

    /// <summary><c>decode_walls</c> and <c>decoders</c>.</summary>
    public static void AddAll(IServiceCollection services)
    {
        Add(services, "decode_walls", p => p.Walls is not { } walls ? null : new
        {
            Standing = WallNames.Of(walls),
            Missing = WallNames.All.Where(w => !walls.HasFlag(w)).SelectMany(WallNames.Of).ToList(),
        });
        Add(services, "decoders", p => new
        {
            Running = p.ProcessIds.Count,
            Crashed = p.CountOf(DecoderLoss.Crashed),
            Killed = p.CountOf(DecoderLoss.Killed),
            TimedOut = p.CountOf(DecoderLoss.TimedOut),
            Disobeyed = p.CountOf(DecoderLoss.Disobeyed),
            Retired = p.CountOf(DecoderLoss.Retired),
            Grew = p.CountOf(DecoderLoss.Grew),
        });
    }

    private static void Add(IServiceCollection services, string name, Func<DecoderPool, object?> read) =>
        services.AddSingleton<IHealthDetail>(s => new DecoderDetail(name, s.GetRequiredService<DecoderPool>(), read));
}
