namespace CpfPipeline.Ingest.Fetching;

/// <summary>Until when a host asked for a pause, for all sources together.</summary>
internal sealed class HostPause
{
    private readonly Lock _lock = new();
    private DateTimeOffset _until = DateTimeOffset.MinValue;

    /// <summary>End of the pause.</summary>
    public DateTimeOffset Until
    {
        get
        {
            lock (_lock)
            {
                return _until;
            }
        }
    }

    /// <summary>Records the pause that the host asks for.</summary>
    public void Ask(DateTimeOffset until)
    {
        lock (_lock)
        {
            _until = until;
        }
    }
}
