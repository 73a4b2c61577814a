namespace CpfPipeline.Nights.Runs;

/// <summary>The latest progress of a run. The work writes it, the pulse reads and stores it. Safe for several threads.</summary>
public sealed class RunProgress
{
    private readonly Lock _gate = new();
    private (string? Step, double Share, string? Message) _latest;

    public (string? Step, double Share, string? Message) Latest
    {
        get
        {
            lock (_gate)
            {
                return _latest;
            }
        }
    }

    /// <summary>Progress of a step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="share">Share that is done, 0 to 1.</param>
    /// <param name="message">For a person; null keeps the last one.</param>
    public void Report(string step, double share, string? message)
    {
        lock (_gate)
        {
            _latest = (step, share, message ?? (step == _latest.Step ? _latest.Message : null));
        }
    }
}
