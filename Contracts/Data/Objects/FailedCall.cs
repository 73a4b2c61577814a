using Amazon.Runtime;
using Amazon.S3;

namespace CpfPipeline.Data.Objects;

/// <summary>What a failed request to the store means. Pure.</summary>
/// <param name="IsMissing">The object, the version or the upload is not there.</param>
/// <param name="MayPass">Another try may succeed.</param>
/// <param name="Fault">Why, when tries are over.</param>
/// <param name="Text">What the store did, to stand behind its name.</param>
internal sealed record FailedCall(bool IsMissing, bool MayPass, ObjectStoreFault Fault, string Text)
{
    private const int MaxCodeLength = 64;

    /// <summary>What an exception means; null when the store is not to blame.</summary>
    public static FailedCall? Of(Exception exception) => exception switch
    {
        AmazonS3Exception e when e.StatusCode != 0 => Of((int)e.StatusCode, CodeOf(e)),
        AmazonServiceException or HttpRequestException or IOException => Passing("cannot be reached, or broke off"),
        OperationCanceledException or TimeoutException => Passing("did not answer in time"),

        // What the SDK says of its credentials may hold more than a log should.
        AmazonClientException => Refusing("cannot be asked: the AWS SDK finds no credentials that it can use"),
        _ => null,
    };

    /// <summary>What an answer means.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="code">The store's code; empty when it gave none.</param>
    public static FailedCall Of(int status, string code) => (code, status) switch
    {
        ("NoSuchBucket", _) => Refusing("does not exist"),
        ("NoSuchKey" or "NoSuchVersion" or "NoSuchUpload" or "NotFound" or "", 404) =>
            new(true, false, ObjectStoreFault.Away, "does not have it"),
        ("RequestTimeTooSkewed", _) => Refusing("says that this machine's clock is wrong"),
        ("InvalidAccessKeyId" or "SignatureDoesNotMatch" or "InvalidSecurity" or "InvalidToken", _) =>
            Refusing($"does not know these credentials ({code})"),
        ("ExpiredToken" or "TokenRefreshRequired", _) =>
            new(false, true, ObjectStoreFault.Refused, $"says that the credentials have expired ({code})"),
        ("QuotaExceeded" or "XMinioStorageFull" or "InsufficientStorage", _) or (_, 507) =>
            new(false, false, ObjectStoreFault.Full, "is full"),
        ("PermanentRedirect" or "TemporaryRedirect" or "AuthorizationHeaderMalformed" or "IllegalLocationConstraintException", _)
            or (_, >= 300 and < 400) => Refusing("is in another region: correct Blobs:S3:Region"),

        // The body was damaged or cut off on its way there, or another writer was in between.
        ("BadDigest" or "IncompleteBody" or "XAmzContentSHA256Mismatch" or "OperationAborted", _) =>
            Failing($"took no whole request ({code})", mayPass: true),
        ("RequestTimeout", _) => Passing($"took no whole request ({code})"),

        // Answers to HEAD have no code.
        ("AccessDenied" or "AllAccessDisabled" or "AccountProblem" or "", 401 or 403) or (_, 401) =>
            Refusing($"gives no right to do this ({Named(status, code)})"),
        (_, 501) => Failing($"cannot do this ({Named(status, code)})", mayPass: false),
        (_, 408 or 429 or 503) => Passing($"is overloaded or broken ({Named(status, code)})"),
        (_, >= 500) => Failing($"is broken, or the object is ({Named(status, code)})", mayPass: true),
        _ => Failing($"does not take the request ({Named(status, code)})", mayPass: false),
    };

    private static FailedCall Passing(string text) => new(false, true, ObjectStoreFault.Away, text);

    private static FailedCall Failing(string text, bool mayPass) => new(false, mayPass, ObjectStoreFault.Request, text);

    private static FailedCall Refusing(string text) => new(false, false, ObjectStoreFault.Refused, text);

    private static string Named(int status, string code) => FormattableString.Invariant($"{status}{(code.Length > 0 ? " " : "")}{code}");

    // Without a code in the answer the SDK puts the status in its place. A code is the store's word: it could be anything.
    private static string CodeOf(AmazonS3Exception e) =>
        e.ErrorCode is { Length: > 0 and <= MaxCodeLength } code && code.All(char.IsAsciiLetterOrDigit)
        && !code.Equals(e.StatusCode.ToString(), StringComparison.OrdinalIgnoreCase) ? code : "";
}
