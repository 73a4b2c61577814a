using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Fixtures;

/// <summary>One pipeline for the tests that only add to it; every test has a source of its own.</summary>
public sealed class SharedStack : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-e2e-files-").FullName;
    private int _folders;

    /// <summary>The pipeline.</summary>
    public Stack Stack { get; private set; } = null!;

    /// <summary>A new folder that the services may read files from.</summary>
    public string NewFolder() => Directory.CreateDirectory(Path.Combine(_folder, $"{Interlocked.Increment(ref _folders)}")).FullName;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => Stack = await Stack.UpAsync(new() { ["Ingest__FileRoots__0"] = _folder });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await Stack.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
