using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Tests.Integration.Embedder.Samples;

/// <summary>Runs an action before each read, such as erasing the blob that is about to be read.</summary>
internal sealed class ErasingBlobs(IBlobStore inner, Func<Task> before) : IBlobStore
{
    public Task<bool> WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        inner.WriteAsync(sha256, bytes, cancellationToken);

    public async Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken)
    {
        await before();
        return await inner.ReadAsync(sha256, cancellationToken);
    }

    public Task<Stream?> OpenAsync(ReadOnlyMemory<byte> sha256, string? rendition, CancellationToken cancellationToken) =>
        inner.OpenAsync(sha256, rendition, cancellationToken);

    public Task WriteRenditionAsync(
        ReadOnlyMemory<byte> sha256, string rendition, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        inner.WriteRenditionAsync(sha256, rendition, bytes, cancellationToken);

    public Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        inner.ExistsAsync(sha256, cancellationToken);

    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        inner.DeleteAsync(sha256, cancellationToken);

    public Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        inner.DeleteOlderAsync(sha256, writtenBefore, cancellationToken);

    public Task DeleteAsync(StoredBlob listed, CancellationToken cancellationToken) => inner.DeleteAsync(listed, cancellationToken);

    public Task SetAsideAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        inner.SetAsideAsync(sha256, cancellationToken);

    public IAsyncEnumerable<StoredBlob> ListAsync(byte firstByte, CancellationToken cancellationToken) =>
        inner.ListAsync(firstByte, cancellationToken);
}
