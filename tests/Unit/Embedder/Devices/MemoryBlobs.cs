using System.Collections.Concurrent;
using CpfPipeline.Data.Blobs;

namespace CpfPipeline.Tests.Unit.Embedder.Devices;

/// <summary>Blobs in memory.</summary>
internal sealed class MemoryBlobs : IBlobStore
{
    private readonly ConcurrentDictionary<string, byte[]> _blobs = [];

    public Task<bool> WriteAsync(ReadOnlyMemory<byte> sha256, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        _blobs[Key(sha256)] = bytes.ToArray();
        return Task.FromResult(false);
    }

    public Task<byte[]> ReadAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) => Task.FromResult(_blobs[Key(sha256)]);

    public Task<Stream?> OpenAsync(ReadOnlyMemory<byte> sha256, string? rendition, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task WriteRenditionAsync(
        ReadOnlyMemory<byte> sha256, string rendition, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task<bool> ExistsAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) =>
        Task.FromResult(_blobs.ContainsKey(Key(sha256)));

    public Task DeleteAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task DeleteOlderAsync(ReadOnlyMemory<byte> sha256, DateTimeOffset writtenBefore, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Task DeleteAsync(StoredBlob listed, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetAsideAsync(ReadOnlyMemory<byte> sha256, CancellationToken cancellationToken) => throw new NotSupportedException();

    public IAsyncEnumerable<StoredBlob> ListAsync(byte firstByte, CancellationToken cancellationToken) => throw new NotSupportedException();

    private static string Key(ReadOnlyMemory<byte> sha256) => Convert.ToHexStringLower(sha256.Span);
}
