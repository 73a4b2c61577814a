using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using CpfPipeline.Trainer.Hub;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class HubDownloadTests : IDisposable
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";
    private static readonly byte[] File = [1, 2, 3, 4, 5];

    private readonly string _folder = Directory.CreateTempSubdirectory("cpf-unit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Run_RestIsRefusedWithoutAHash_StartsAgain()
    {
        var (target, hub) = (Path.Combine(_folder, "model.onnx"), new RestlessHub());
        await System.IO.File.WriteAllBytesAsync(
            target + HubStore.UnfinishedSuffix, [9, 9, 9, 9, 9, 9], TestContext.Current.CancellationToken);
        using var http = new HttpClient(hub);
        var endpoint = new Uri("http://127.0.0.1:9/");
        var requests = new HubRequests(http, new HubSettings(endpoint, null, false, _folder), TimeProvider.System);
        var download = new HubDownload(
            requests, new HubName("shop", "net", "main"), new Uri(endpoint, "model.onnx"), "model.onnx", Commit, target, maxBytes: 1000,
            (_, _) => { });

        await download.RunAsync(TestContext.Current.CancellationToken);

        Assert.Equal(File, await System.IO.File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken));
        Assert.Equal(["bytes=6-", ""], hub.Ranges);
    }

    /// <summary>Refuses every part of the file, and names its hash only together with all of it.</summary>
    private sealed class RestlessHub : HttpMessageHandler
    {
        public List<string> Ranges { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Ranges.Add(request.Headers.Range?.ToString() ?? "");
            if (request.Headers.Range is not null)
            {
                return Task.FromResult(new HttpResponseMessage(HttpStatusCode.RequestedRangeNotSatisfiable));
            }

            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(File) };
            response.Headers.ETag = new EntityTagHeaderValue($"\"{Convert.ToHexStringLower(SHA256.HashData(File))}\"");
            return Task.FromResult(response);
        }
    }
}
