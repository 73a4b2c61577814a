using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Probes;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Settings;
using CpfPipeline.Hosting.Storage;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Downloads;
using CpfPipeline.Tests.Integration.Fixtures.Objects;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Storage;

/// <summary>A service whose blobs lie in a bucket, as far as it comes without other servers.</summary>
public sealed class BlobRegistrationTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-bucket-");
    private FakeObjectStore _server = null!;

    [Fact]
    public async Task CheckBlobs_Ingest_FindsOutWhetherItMayErase()
    {
        await using var app = Build();
        Assert.IsType<BucketBlobStore>(app.Services.GetRequiredService<IBlobStore>());
        Assert.IsType<BucketProbeStore>(app.Services.GetRequiredService<IProbeStore>());

        await app.Services.CheckBlobsAsync(default);
        Assert.Contains(_server.Requests, r => r.Method == "DELETE");
        Assert.Empty(_server.Bucket.Versions);

        _server.Fail(99, new FakeFault { Status = 403, Code = "AccessDenied" }, (method, _) => method == "DELETE");
        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => app.Services.CheckBlobsAsync(default));
        var failure = StartFailure.Of(refused)!;
        Assert.Equal(StartFailure.Infrastructure, failure.ExitCode);
        Assert.Contains("s3:DeleteObject", failure.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ErasureRecordFolder", "TombstoneKeyFile")]
    [InlineData("TombstoneKeyFile", "ErasureRecordFolder")]
    [InlineData("DownloadFolder", "TombstoneKeyFile")]
    public async Task Services_NoFolderBesideTheBucket_NameTheSettingThatIsMissing(string setting, string given)
    {
        await using var app = Build($"--Ingest:{given}", Path.Combine(_folder.FullName, "given"));

        var missing = Assert.Throws<SettingException>(() => setting == "DownloadFolder"
            ? app.Services.GetRequiredService<FeedSpool>() : (object)app.Services.GetServices<IHostedService>().ToList());

        Assert.StartsWith($"The setting Ingest:{setting} is missing: set", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_StoreThatIsAway_SaysSoAndAsksRarely()
    {
        await using var app = Build("--Blobs:Folder", _folder.FullName);
        var health = app.Services.GetServices<IHealthDetail>().Single(d => d.Name == "blobs");
        _server.Fail(99, new FakeFault { Status = 403, Code = "AccessDenied" });

        for (var i = 0; i < 3; i++)
        {
            var problem = await Assert.ThrowsAsync<ObjectStoreException>(async () => await health.GetAsync(default));
            Assert.Contains("gives no right", problem.Message, StringComparison.Ordinal);
        }

        Assert.Single(_server.Requests);
    }

    public async ValueTask InitializeAsync() => _server = await FakeObjectStore.StartAsync();

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return _server.DisposeAsync();
    }

    private WebApplication Build(params string[] settings)
    {
        var bucket = _server.Options();
        return IngestService.Build([
            "--ConnectionStrings:Postgres", "Host=127.0.0.1;Port=1", "--ConnectionStrings:RabbitMq", "amqp://u:p@127.0.0.1:1/v",
            "--Blobs:S3:Bucket", bucket.Bucket, "--Blobs:S3:Prefix", bucket.Prefix, "--Blobs:S3:Endpoint", bucket.Endpoint,
            "--Blobs:S3:Attempts", "2", .. settings,
        ]);
    }
}
