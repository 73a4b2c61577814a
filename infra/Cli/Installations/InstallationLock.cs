namespace CpfPipeline.Cli.Installations;

/// <summary>Held while the processes of a checkout are started or stopped. The system frees it when the holder dies.</summary>
internal sealed class InstallationLock : IDisposable
{
    private readonly FileStream _file;

    private InstallationLock(FileStream file) => _file = file;

    /// <exception cref="CommandException">Another command holds it (exit code 6).</exception>
    public static InstallationLock Acquire(Installation installation)
    {
        var path = Path.Combine(installation.Home, "lock");
        try
        {
            // Who may read the file may lock it, so that other users of the machine may not.
            const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = Own,
            });
            File.SetUnixFileMode(file.SafeFileHandle, Own);
            return new(file);
        }
        catch (IOException)
        {
            throw new CommandException(
                ExitCode.AlreadyRunning, "another command (up, down, demo, restore, test, bench or chaos) works in this checkout");
        }
    }

    public void Dispose() => _file.Dispose();
}
