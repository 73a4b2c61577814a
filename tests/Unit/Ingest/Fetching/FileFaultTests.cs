using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

/// <summary>Whoever submits learns what is wrong with a file, and not where the operator keeps it.</summary>
public sealed class FileFaultTests
{
    private const string Secret = "/mnt/secret-place/a.gif";

    public static TheoryData<Exception, string> Exceptions() => new()
    {
        { new IOException($"Stale file handle : '{Secret}'", 116), "the share that it lies on does not answer, or has lost it" },
        { new IOException($"Input/output error : '{Secret}'", 5), "an input/output error" },
        { new IOException($"No space left on device : '{Secret}'", 28), "the disk is full" },
        { new IOException($"Too many levels : '{Secret}'", 40), "the file system's error 40" },
        { new IOException($"of .NET itself: {Secret}"), "an error of the file system" },
        { new UnauthorizedAccessException($"Access to the path '{Secret}' is denied."), "there is no permission" },
        { new FileNotFoundException($"Could not find file '{Secret}'."), "there is no such file or folder" },
    };

    [Theory]
    [MemberData(nameof(Exceptions))]
    public void Of_Exception_NamesItsKindAndNoPath(Exception exception, string said) => Assert.Equal(said, FileFault.Of(exception));

    [Fact]
    public async Task FetchAsync_FileThatCannotBeReadBehindALink_IsRefusedWithoutItsPath()
    {
        var root = Directory.CreateTempSubdirectory("cpf-root-").FullName;
        try
        {
            var target = Directory.CreateDirectory(Path.Combine(root, "secret-place")).FullName;
            Directory.CreateSymbolicLink(Path.Combine(root, "shown"), target);
            await File.WriteAllBytesAsync(Path.Combine(target, "a.gif"), [1, 2, 3], TestContext.Current.CancellationToken);
            await using var held = new FileStream(Path.Combine(target, "a.gif"), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            var files = new FileFetcher(Options.Create(new IngestOptions { FileRoots = [root] }), NullLogger<FileFetcher>.Instance);

            var outcome = await files.FetchAsync(ImageUri.FromPath(Path.Combine(root, "shown", "a.gif")), null, default);

            Assert.Equal(("fetch_failed", "The file cannot be read: another process holds it."), (outcome.Reason, outcome.Detail));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }
}
