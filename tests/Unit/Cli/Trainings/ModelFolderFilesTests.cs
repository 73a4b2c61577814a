using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Services;
using CpfPipeline.Cli.Trainings;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Trainings;

public sealed class ModelFolderFilesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    private string Folder => Path.Combine(_root, "model");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Read_CompleteFolder_SendsItsThreeFilesAndNoPage()
    {
        Fill("backbone.onnx", "head.onnx", "report.json", "report.html");
        var sent = "";
        using var client = Client(async request =>
        {
            sent = await request.Content!.ReadAsStringAsync();
            return new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("""{"detail": "not this one"}""") };
        });

        var e = await Assert.ThrowsAsync<CommandException>(
            () => client.AskAsync("/models", ModelFolderFiles.Read(Folder), "k", CancellationToken.None));

        Assert.Equal((ExitCode.Usage, "Trainer refused (400): not this one"), (e.ExitCode, e.Message));
        Assert.All(["backbone.onnx", "head.onnx", "report.json"], name =>
            Assert.Contains($"bytes of {name}", sent, StringComparison.Ordinal));
        Assert.DoesNotContain("report.html", sent, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FilesMissing_NamesThem()
    {
        Fill("head.onnx");
        var e = Assert.Throws<CommandException>(() => ModelFolderFiles.Read(Folder));
        Assert.Contains("backbone.onnx and report.json are missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DownloadAsync_FullDisk_IsNoSilentService()
    {
        using var client = Client(request => Task.FromResult(Answer(Path.GetFileName(request.RequestUri!.AbsolutePath))));
        await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        var e = await Assert.ThrowsAsync<IOException>(() => client.DownloadAsync(7, "head.onnx", full, CancellationToken.None));
        Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_FolderThatCannotBeWritten_SaysSo()
    {
        await File.WriteAllTextAsync(Folder, "a file in its place", CancellationToken.None);
        using var client = Client(request => Task.FromResult(Answer(Path.GetFileName(request.RequestUri!.AbsolutePath))));
        var e = await Assert.ThrowsAsync<CommandException>(() => ModelFolderFiles.WriteAsync(client, 7, Folder, CancellationToken.None));
        Assert.Equal(ExitCode.Infrastructure, e.ExitCode);
        Assert.Contains($"cannot write the model to {Folder}", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WriteAsync_Files_AreThereAsAFolderAndOthersStay()
    {
        Fill("mine.txt", "report.json");
        using var client = Client(request => Task.FromResult(Answer(Path.GetFileName(request.RequestUri!.AbsolutePath))));

        await ModelFolderFiles.WriteAsync(client, 7, Folder, CancellationToken.None);

        Assert.Equal("of the trainer: head.onnx", await File.ReadAllTextAsync(Path.Combine(Folder, "head.onnx"), CancellationToken.None));
        Assert.Equal(
            ["backbone.onnx", "head.onnx", "mine.txt", "report.json"],
            Directory.GetFiles(Folder).Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(true, ExitCode.Infrastructure)]
    [InlineData(false, ExitCode.Usage)]
    internal async Task WriteAsync_AFileIsDamagedOrMissing_LeavesTheFolderAsItWas(bool damaged, ExitCode code)
    {
        Fill("report.json");
        using var client = Client(request => Task.FromResult(Path.GetFileName(request.RequestUri!.AbsolutePath) switch
        {
            "head.onnx" when damaged => Answer("head.onnx", "another file"),
            "head.onnx" => new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("""{"detail": "no model 7"}""") },
            var name => Answer(name),
        }));

        var e = await Assert.ThrowsAsync<CommandException>(() => ModelFolderFiles.WriteAsync(client, 7, Folder, CancellationToken.None));

        Assert.Equal(code, e.ExitCode);
        Assert.Equal(["report.json"], Directory.GetFileSystemEntries(Folder).Select(f => Path.GetFileName(f)!));
        Assert.Equal("bytes of report.json", await File.ReadAllTextAsync(Path.Combine(Folder, "report.json"), CancellationToken.None));
    }

    private static HttpResponseMessage Answer(string name, string? hashed = null)
    {
        var text = $"of the trainer: {name}";
        var answer = new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(text) };
        answer.Headers.ETag = new EntityTagHeaderValue(
            $"\"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(hashed ?? text)))}\"");
        return answer;
    }

    private static TrainerClient Client(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) =>
        new(new ServiceClient("Trainer", new HttpClient(new Played(answer)) { BaseAddress = new Uri("http://trainer") }));

    private void Fill(params string[] names)
    {
        Directory.CreateDirectory(Folder);
        foreach (var name in names)
        {
            File.WriteAllText(Path.Combine(Folder, name), $"bytes of {name}");
        }
    }

    private sealed class Played(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            answer(request);
    }
}
