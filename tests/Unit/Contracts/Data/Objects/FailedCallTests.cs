using System.Net;
using Amazon.Runtime;
using Amazon.S3;
using CpfPipeline.Data.Objects;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Data.Objects;

public sealed class FailedCallTests
{
    [Theory]
    [InlineData(404, "NoSuchKey", true, false, ObjectStoreFault.Away)]
    [InlineData(404, "NoSuchUpload", true, false, ObjectStoreFault.Away)]
    [InlineData(404, "", true, false, ObjectStoreFault.Away)]
    [InlineData(404, "NoSuchBucket", false, false, ObjectStoreFault.Refused)]
    [InlineData(503, "SlowDown", false, true, ObjectStoreFault.Away)]
    [InlineData(500, "", false, true, ObjectStoreFault.Request)]
    [InlineData(429, "TooManyRequests", false, true, ObjectStoreFault.Away)]
    [InlineData(400, "RequestTimeout", false, true, ObjectStoreFault.Away)]
    [InlineData(400, "XAmzContentSHA256Mismatch", false, true, ObjectStoreFault.Request)]
    [InlineData(409, "OperationAborted", false, true, ObjectStoreFault.Request)]
    [InlineData(400, "ExpiredToken", false, true, ObjectStoreFault.Refused)]
    [InlineData(403, "AccessDenied", false, false, ObjectStoreFault.Refused)]
    [InlineData(403, "", false, false, ObjectStoreFault.Refused)]
    [InlineData(403, "RequestTimeTooSkewed", false, false, ObjectStoreFault.Refused)]
    [InlineData(403, "QuotaExceeded", false, false, ObjectStoreFault.Full)]
    [InlineData(507, "", false, false, ObjectStoreFault.Full)]
    [InlineData(307, "TemporaryRedirect", false, false, ObjectStoreFault.Refused)]
    [InlineData(501, "NotImplemented", false, false, ObjectStoreFault.Request)]
    [InlineData(400, "InvalidArgument", false, false, ObjectStoreFault.Request)]
    [InlineData(403, "InvalidObjectState", false, false, ObjectStoreFault.Request)] // archived
    [InlineData(400, "KMSDisabledException", false, false, ObjectStoreFault.Request)]
    [InlineData(401, "Unauthorized", false, false, ObjectStoreFault.Refused)]
    public void Of_Answer_TellsWhatIsMissingPassesOrStays(int status, string code, bool missing, bool passes, ObjectStoreFault fault)
    {
        var failed = FailedCall.Of(new AmazonS3Exception("told nobody", null, ErrorType.Unknown, code, "id", (HttpStatusCode)status))!;

        Assert.Equal((missing, passes, fault), (failed.IsMissing, failed.MayPass, failed.Fault));
        Assert.DoesNotContain("told nobody", failed.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_CodeThatIsNone_IsNotRepeated() => Assert.Equal(
        "does not take the request (418)",
        FailedCall.Of(new AmazonS3Exception("", null, ErrorType.Unknown, "key=topsecret\n", "id", (HttpStatusCode)418))!.Text);

    [Fact]
    public void Of_WhatIsNotTheStore_IsNull() => Assert.Null(FailedCall.Of(new InvalidOperationException("ours")));
}
