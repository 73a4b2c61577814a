using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Objects;
using CpfPipeline.Data.Probes;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Hosting.Settings;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace CpfPipeline.Hosting.Storage;

/// <summary>Blobs and probes, in a bucket or in a folder.</summary>
public static class BlobRegistration
{
    /// <summary>Adds them as the settings say.</summary>
    /// <exception cref="FormatException">The settings of the bucket cannot be used.</exception>
    internal static void AddBlobs(this WebApplicationBuilder builder)
    {
        if (BlobSettings.Bucket(builder.Configuration) is { } bucket)
        {
            builder.Services.AddSingleton(provider => new ObjectStore(bucket, provider.GetRequiredService<TimeProvider>()));
            builder.Services.AddSingleton<IBlobStore, BucketBlobStore>();
            builder.Services.AddSingleton<IProbeStore, BucketProbeStore>();
            builder.Services.AddSingleton<IHealthDetail, BucketHealth>();
            return;
        }

        builder.Services.AddSingleton<IBlobStore>(_ =>
            new FolderBlobStore(Path.GetFullPath(RequiredSetting.Read(builder.Configuration, BlobSettings.FolderKey))));
        builder.Services.AddSingleton<IProbeStore>(_ =>
            new FolderProbeStore(Path.Combine(RequiredSetting.Read(builder.Configuration, BlobSettings.FolderKey), "probes")));
    }

    /// <summary>Finds out whether the bucket is there, and takes what the service does with it.</summary>
    /// <exception cref="ObjectStoreException">It is not, or does not.</exception>
    internal static Task CheckBlobsAsync(this IServiceProvider services, CancellationToken cancellationToken) =>
        services.GetService<ObjectStore>() is { } store
            ? ObjectStoreCheck.RunAsync(store, services.GetService<BlobEraser>() is not null, cancellationToken) : Task.CompletedTask;
}
