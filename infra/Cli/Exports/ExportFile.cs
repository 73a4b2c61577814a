namespace CpfPipeline.Cli.Exports;

/// <summary>A file that is there whole or not at all: it gets its name at the end.</summary>
internal sealed class ExportFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _unfinished;
    private bool _isKept;

    private ExportFile(string path, string unfinished, FileStream stream) => (_path, _unfinished, Stream) = (path, unfinished, stream);

    public FileStream Stream { get; }

    /// <summary>Begins it before any work is done, so that a wrong path costs nothing.</summary>
    /// <exception cref="CommandException">It cannot be written (2).</exception>
    public static ExportFile Create(string path)
    {
        var unfinished = path + ".part";
        try
        {
            return new(path, unfinished, new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandException.Usage($"--output: {e.Message}");
        }
    }

    /// <summary>Gives the file its name. What was there before is replaced.</summary>
    public void Keep()
    {
        Stream.Flush(flushToDisk: true);
        Stream.Dispose();
        File.Move(_unfinished, _path, overwrite: true);
        _isKept = true;
    }

    public async ValueTask DisposeAsync()
    {
        await Stream.DisposeAsync();
        if (!_isKept)
        {
            File.Delete(_unfinished);
        }
    }
}
