using CpfPipeline.Hosting.Health;
using CpfPipeline.Learning.FirstModels;

namespace CpfPipeline.Trainer.Setup;

/// <summary>
/// Key <c>model_preparation</c> of <c>/health</c>: how far the model of this start is; null once it is settled. The service takes requests
/// meanwhile, so this is no reason to be unready.
/// </summary>
internal sealed class ModelPreparation(TimeProvider time) : IHealthDetail, IProgress<PreparedPictures>
{
    private readonly Lock _gate = new();
    private PreparedPictures _latest;
    private long? _since;
    private bool _isSettled;

    public string Name => "model_preparation";

    public ValueTask<object?> GetAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return new(_isSettled ? null : new Dictionary<string, object?>
            {
                ["pictures"] = _latest.All, ["done"] = _latest.Done, ["seconds_left"] = SecondsLeft(),
            });
        }
    }

    /// <inheritdoc/>
    public void Report(PreparedPictures value)
    {
        lock (_gate)
        {
            // The clock runs from the first picture: what comes before it says nothing about the others.
            _since ??= time.GetTimestamp();
            if (value.All != _latest.All || value.Done > _latest.Done)
            {
                _latest = value;
            }
        }
    }

    /// <summary>There is a model, or nothing here will make one.</summary>
    public void Settle()
    {
        lock (_gate)
        {
            _isSettled = true;
        }
    }

    private double? SecondsLeft() => _since is { } since && _latest.Done > 1
        ? Math.Ceiling(time.GetElapsedTime(since).TotalSeconds * (_latest.All - _latest.Done) / (_latest.Done - 1))
        : null;
}
