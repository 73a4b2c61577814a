using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using CpfPipeline.Ingest.Guard;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Options;

namespace CpfPipeline.Ingest.Fetching;

/// <summary>Downloads images from S3, as far as the settings let submitters name them. It makes one attempt.</summary>
internal sealed class S3Fetcher(IOptions<IngestOptions> options, S3Store store, FetchAttempt attempt)
{
    private readonly IngestOptions _options = options.Value;

    /// <summary>The bytes or the failure, after one attempt.</summary>
    /// <param name="uri">An s3 URI of a valid form.</param>
    /// <param name="source">The source whose image it is.</param>
    /// <param name="patience">Maximum time for the attempt.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<FetchOutcome> FetchAsync(string uri, string source, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!_options.S3.IsEnabled)
        {
            return FetchOutcome.Refuse(RejectReasons.UnsupportedScheme, "The scheme s3 is not turned on.");
        }

        var address = S3Address.TryParse(uri)!;
        return address.IsBelow(_options.S3.Buckets)
            ? await attempt.MakeAsync(new Uri(uri), source, patience, token => GetAsync(address, token), cancellationToken)
            : FetchOutcome.Refuse(RejectReasons.HostNotAllowed, $"The settings do not allow this object of the bucket {address.Bucket}.");
    }

    private async Task<FetchOutcome> GetAsync(S3Address address, CancellationToken cancellationToken)
    {
        try
        {
            var request = new GetObjectRequest { BucketName = address.Bucket, Key = address.Key };
            using var response = await store.Client.GetObjectAsync(request, cancellationToken);
            string[] codings = [.. (response.Headers.ContentEncoding ?? "").Split(',', StringSplitOptions.TrimEntries)
                .Where(coding => coding is not ("" or "aws-chunked"))];
            return await BoundedBody.ReadAsync(
                response.ResponseStream, response.ContentLength, codings, _options.MaxImageBytes, cancellationToken);
        }
        catch (Exception e) when (Causes(e).OfType<PrivateAddressException>().FirstOrDefault() is { } refused)
        {
            return FetchOutcome.Refuse(RejectReasons.PrivateAddress, refused.Message);
        }
        catch (AmazonS3Exception e) when (e.StatusCode != 0)
        {
            return Judge(e, address);
        }
        catch (Exception e) when (e is AmazonServiceException or HttpRequestException or IOException)
        {
            return FetchOutcome.Fail(RejectReasons.FetchFailed, $"The store of the bucket {address.Bucket} could not be reached.");
        }
        catch (AmazonClientException)
        {
            // What the SDK says may hold more than a submitter should read.
            return FetchOutcome.Fail(
                RejectReasons.FetchFailed, $"There are no credentials for the bucket {address.Bucket}, or its answer was damaged.");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            // What the SDK throws at headers and bodies that it does not understand.
            return FetchOutcome.Refuse(
                RejectReasons.FetchFailed, $"The answer of the store of the bucket {address.Bucket} cannot be understood.");
        }
        catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return FetchOutcome.Fail(
                RejectReasons.FetchFailed, $"The store of the bucket {address.Bucket} did not accept a connection in time.");
        }
    }

    // What the object is at fault for is final. Keys, clocks, regions and policies are mended by the operator meanwhile.
    private static FetchOutcome Judge(AmazonS3Exception e, S3Address address)
    {
        var status = (int)e.StatusCode;
        var detail = $"The store of the bucket {address.Bucket} answered {status}.";
        return (e.ErrorCode, status) switch
        {
            ("NoSuchKey" or "NoSuchBucket" or "NoSuchVersion", _) => FetchOutcome.Refuse(RejectReasons.NotFound, detail),
            ("AccessDenied" or "AllAccessDisabled" or "InvalidObjectState", _) => FetchOutcome.Refuse(RejectReasons.NotReadable, detail),
            (_, 401 or 403) when IsNamed(e) => FetchOutcome.Fail(RejectReasons.NotReadable, detail),
            (_, 401 or 403) => FetchOutcome.Refuse(RejectReasons.NotReadable, detail),
            (_, 404 or 410) => FetchOutcome.Refuse(RejectReasons.NotFound, detail),
            (_, 429 or >= 500 or (>= 300 and < 400)) => FetchOutcome.Fail(RejectReasons.FetchFailed, detail),
            _ when IsNamed(e) => FetchOutcome.Fail(RejectReasons.FetchFailed, detail),
            _ => FetchOutcome.Refuse(RejectReasons.FetchFailed, detail),
        };
    }

    // Without a code in the answer the SDK puts the status in its place.
    private static bool IsNamed(AmazonS3Exception e) =>
        !string.IsNullOrEmpty(e.ErrorCode) && !e.ErrorCode.Equals(e.StatusCode.ToString(), StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e; cause is not null; cause = cause.InnerException)
        {
            yield return cause;
        }
    }
}
