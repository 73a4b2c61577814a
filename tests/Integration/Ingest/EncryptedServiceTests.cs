using System.Net;
using System.Security.Cryptography.X509Certificates;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest;

public sealed class EncryptedServiceTests(TestDatabases databases, TestBroker broker)
{
    [Fact]
    public async Task Service_WithACertificate_IsReachedByThoseWhoKnowItsAuthority()
    {
        using var authority = new TestAuthority();
        using var stranger = new TestAuthority();
        var (certificate, key) = authority.IssueFiles("localhost");
        var folder = Directory.CreateTempSubdirectory("cpf-tls-service-").FullName;
        await using var database = await databases.CreateAsync();
        await using var app = IngestService.Build([
            "--ConnectionStrings:Postgres", database.ConnectionString,
            "--ConnectionStrings:RabbitMq", (await broker.CreateHostAsync()).ToString(), "--Blobs:Folder", folder,
            "--Urls", "https://127.0.0.1:0",
            "--Kestrel:Certificates:Default:Path", certificate, "--Kestrel:Certificates:Default:KeyPath", key,
        ]);
        await app.StartAsync();
        var port = new Uri(app.Urls.First()).Port;

        using var health = await GetAsync(authority, $"https://localhost:{port}/health/ready");
        Assert.Equal(HttpStatusCode.OK, health.StatusCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(stranger, $"https://localhost:{port}/health/ready"));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(authority, $"https://127.0.0.1:{port}/health/ready"));
        await app.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestAuthority authority, string uri)
    {
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509CertificateLoader.LoadCertificateFromFile(authority.File) },
        };
        using var client = new HttpClient(handler);
        return await client.GetAsync(new Uri(uri));
    }
}
