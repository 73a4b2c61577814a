using System.Text;

namespace CpfPipeline.Cli.Gallery;

/// <summary>The file that <c>--html</c> names. Nobody sees it half written: it has another name until it is whole.</summary>
internal sealed class GalleryFile : IAsyncDisposable
{
    private readonly string _path;
    private readonly string _unfinished;
    private readonly StreamWriter _text;

    private GalleryFile(string path, string unfinished, StreamWriter text) => (_path, _unfinished, _text) = (path, unfinished, text);

    /// <summary>Begins the file before any work is done, so that a wrong path costs nothing.</summary>
    /// <exception cref="CommandException">It cannot be written.</exception>
    public static GalleryFile Create(string path)
    {
        try
        {
            var target = File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } linked
                ? linked.FullName : Path.GetFullPath(path);
            var folder = Path.GetDirectoryName(target);
            if (Directory.Exists(target) || folder is null)
            {
                throw CommandException.Usage($"--html: {path} is a folder, name a file in it");
            }

            if (folder == "/dev")
            {
                throw CommandException.Usage($"--html: {path} is a device, not a file"); // Root would replace it.
            }

            var unfinished = Path.Combine(folder, $".{Path.GetFileName(target)}.{Environment.ProcessId}.new");
            var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write);
            return new(target, unfinished, new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw CommandException.Usage($"--html: {path} cannot be written: {e.Message}");
        }
    }

    public Task WriteAsync(Html part, CancellationToken cancellationToken) => _text.WriteAsync($"{part}".AsMemory(), cancellationToken);

    /// <summary>Gives the whole file its name.</summary>
    /// <returns>Its size in bytes.</returns>
    public async Task<long> FinishAsync(CancellationToken cancellationToken)
    {
        await _text.FlushAsync(cancellationToken);
        var length = _text.BaseStream.Length;
        await _text.DisposeAsync();
        File.Move(_unfinished, _path, overwrite: true);
        return length;
    }

    /// <summary>Leaves nothing of a file that was not finished.</summary>
    public async ValueTask DisposeAsync()
    {
        await _text.DisposeAsync();
        File.Delete(_unfinished);
    }
}
