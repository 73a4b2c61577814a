using System.Security.Cryptography;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Trainer.Nights.Driver;
using CpfPipeline.Trainer.Exchange;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Exchange;

public sealed class ModelExportTests(TestDatabases databases)
{
    // 120 slow readers of a model held gigabytes while each had its own copy.
    [Fact]
    public async Task OpenAsync_FilesOfBlobs_AreOpenedAndNotReadAsAWhole()
    {
        await using var harness = await RunHarness.CreateAsync(databases, contents: 5);
        var file = new byte[100_000];
        var sha256 = SHA256.HashData(file);
        await harness.Blobs.WriteAsync(sha256, file, TestContext.Current.CancellationToken);
        await harness.Database.ExecuteAsync("update cpf.backbones set sha256 = $1", sha256);
        var export = new ModelExport(harness.Models, harness.Blobs);

        var (bytes, tag) = (await export.OpenAsync(harness.First.ModelId, "backbone.onnx", TestContext.Current.CancellationToken))!.Value;

        await using (bytes)
        {
            Assert.IsType<FileStream>(bytes);
            Assert.Equal((100_000L, sha256), (bytes.Length, tag));
        }

        Assert.Null(await export.OpenAsync(harness.First.ModelId, "../backbone.onnx", TestContext.Current.CancellationToken));
    }
}
