using Microsoft.AspNetCore.Http;

namespace CpfPipeline.Tests.Integration.Fixtures.Objects;

/// <summary>Answers as S3 gives them.</summary>
internal static class FakeAnswers
{
    public static Task StatusAsync(HttpResponse response, int status)
    {
        response.StatusCode = status;
        return Task.CompletedTask;
    }

    public static Task RefuseAsync(HttpResponse response, int status, string code)
    {
        response.StatusCode = status;
        return response.HttpContext.Request.Method == "HEAD" || code.Length == 0 ? Task.CompletedTask
            : XmlAsync(response, $"<Error><Code>{code}</Code><Message>told nobody</Message></Error>");
    }

    public static Task XmlAsync(HttpResponse response, string xml)
    {
        response.ContentType = "application/xml";
        return response.WriteAsync(xml);
    }
}
