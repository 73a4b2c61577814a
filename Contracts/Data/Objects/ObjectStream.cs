using Amazon.S3.Model;

namespace CpfPipeline.Data.Objects;

/// <summary>
/// An object's bytes as they come. When the body breaks off, it is asked for again from there: a slow reader outlasts the store's patience.
/// </summary>
internal sealed class ObjectStream : Stream
{
    private readonly ObjectCalls _calls;
    private readonly string _key;
    private GetObjectResponse? _response;
    private long _position;

    private ObjectStream(ObjectCalls calls, string key, GetObjectResponse response)
    {
        (_calls, _key, _response, Length) = (calls, key, response, response.ContentLength);
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length { get; }

    public override long Position { get => _position; set => throw new NotSupportedException(); }

    /// <summary>Opens an object.</summary>
    /// <param name="calls">The store.</param>
    /// <param name="key">Its whole key.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>Null when it is not there.</returns>
    public static async Task<ObjectStream?> OpenAsync(ObjectCalls calls, string key, CancellationToken cancellationToken) =>
        await GetAsync(calls, key, range: null, cancellationToken) is { } response ? new ObjectStream(calls, key, response) : null;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty || _position == Length)
        {
            return 0;
        }

        for (var failures = 1; ; failures++)
        {
            try
            {
                _response ??= await ReopenAsync(cancellationToken);
                if (await ReadOnceAsync(_response.ResponseStream, buffer, cancellationToken) is > 0 and var read)
                {
                    _position += read;
                    return read;
                }

                throw new EndOfStreamException("The body ended before its length.");
            }
            catch (Exception e) when (
                e is not (ObjectStoreException or FileNotFoundException) && !cancellationToken.IsCancellationRequested
                && FailedCall.Of(e) is { MayPass: true } failed)
            {
                Drop();
                if (failures >= _calls.Options.Attempts)
                {
                    throw _calls.GiveUp(failed);
                }
            }

            await _calls.PauseAsync(failures, cancellationToken);
        }
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) =>
        throw new NotSupportedException("It comes over the network: read it asynchronously.");

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Drop();
        }

        base.Dispose(disposing);
    }

    private static Task<GetObjectResponse?> GetAsync(
        ObjectCalls calls, string key, ByteRange? range, CancellationToken cancellationToken) =>
        calls.TryAsync(
            (client, token) => client.GetObjectAsync(
                new GetObjectRequest { BucketName = calls.Options.Bucket, Key = key, ByteRange = range }, token), cancellationToken);

    private async ValueTask<int> ReadOnceAsync(Stream body, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(_calls.Options.Timeout, _calls.Time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        return await body.ReadAsync(buffer, limit.Token);
    }

    // The name of a blob is the hash of its bytes: under one key there are no others.
    private async Task<GetObjectResponse> ReopenAsync(CancellationToken cancellationToken)
    {
        var rest = await GetAsync(_calls, _key, new ByteRange(_position, Length - 1), cancellationToken)
            ?? throw Changed("was deleted");
        if (rest.ContentLength == Length - _position)
        {
            return rest;
        }

        rest.Dispose();
        throw Changed("got another length");
    }

    private FileNotFoundException Changed(string what) => new($"A blob in {_calls.Options.Place} {what} while it was read.");

    private void Drop()
    {
        _response?.Dispose();
        _response = null;
    }
}
