using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Matching.Joins;
using CpfPipeline.Matching.Kernels;
using CpfPipeline.Vision.Products;
using CpfPipeline.Vision.Sessions;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Joiner.Devices;

/// <summary>
/// Chooses what finds candidates. One session serves all joins of a dimension, one after the other; it is opened when it is first needed.
/// When it fails, the Matcher's own kernel takes its place until the next start: a process whose every tile failed would take them from
/// those that can compute them.
/// </summary>
internal sealed class DeviceKernel(IOptions<JoinerOptions> options, ILogger<DeviceKernel> logger) : IDisposable
{
    private ProductSession? _session;
    private bool _hasDevice = true;

    /// <summary>Makes what finds the candidates of some left rows.</summary>
    public PrefilterFactory Factory => New;

    public void Dispose() => _session?.Dispose();

    private IPairPrefilter New(EmbeddingMatrix left, int maxThreads)
    {
        if (_hasDevice && _session?.Dimension != left.Dimension)
        {
            Open(left.Dimension, maxThreads);
        }

        return _hasDevice && _session is not null
            ? new DevicePrefilter(_session, left, Lose) : BlockJoin.NewPrefilter(left, maxThreads, PairKernel.Fastest);
    }

    private void Lose(string reason)
    {
        Log.DeviceLost(logger, reason);
        _hasDevice = false;
    }

    private void Open(int dimension, int maxThreads)
    {
        _session?.Dispose();
        _session = new ProductSession(
            dimension,
            new SessionSettings
            {
                Provider = options.Value.Provider, IntraOpThreads = maxThreads, Device = new DeviceSettings { Id = options.Value.DeviceId },
            });
        if (_session.Provider.WhyNotGpu is { } reason && options.Value.Provider == ExecutionProviderRequest.Auto)
        {
            Log.NoDevice(logger, reason);
            _session.Dispose();
            (_session, _hasDevice) = (null, false);
            return;
        }

        Log.FindsBy(logger, _session.Provider.Name, _session.Type.ToString());
    }
}
