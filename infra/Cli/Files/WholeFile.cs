namespace CpfPipeline.Cli.Files;

/// <summary>A file that is there whole or not at all: it has another name, beside its own, until it is kept.</summary>
internal sealed class WholeFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _unfinished;

    private WholeFile(string path, string unfinished, FileStream stream) => (_path, _unfinished, Stream) = (path, unfinished, stream);

    public FileStream Stream { get; }

    /// <summary>Begins the file before any work is done, so that a wrong path costs nothing.</summary>
    /// <param name="path">Its path; a link is followed.</param>
    /// <param name="option">The option that names it, for messages.</param>
    /// <exception cref="CommandException">It cannot be written (2).</exception>
    public static WholeFile Create(string path, string option)
    {
        try
        {
            var target = File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } linked
                ? linked.FullName : Path.GetFullPath(path);
            var folder = Path.GetDirectoryName(target);
            if (Directory.Exists(target) || folder is null)
            {
                throw CommandException.Usage($"{option}: {path} is a folder, name a file in it");
            }

            if (folder == "/dev")
            {
                throw CommandException.Usage($"{option}: {path} is a device, not a file"); // Root would replace it.
            }

            var unfinished = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.ProcessId}.new");
            return new(target, unfinished, new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandException.Usage($"{option}: {path} cannot be written: {e.Message}");
        }
    }

    /// <summary>Gives the file its name. What was there before is replaced.</summary>
    /// <returns>Its size in bytes.</returns>
    public long Keep()
    {
        Stream.Flush(flushToDisk: true);
        var length = Stream.Length;
        Stream.Dispose();
        File.Move(_unfinished, _path, overwrite: true);
        return length;
    }

    /// <summary>Leaves nothing of a file that was not kept.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Stream.DisposeAsync();
        }
        finally
        {
            File.Delete(_unfinished); // Also when what was not written yet finds the disk full.
        }
    }
}
