using System.Net;
using System.Text;
using CpfPipeline.Cli.Services;

namespace CpfPipeline.Tests.Unit.Cli.Services;

/// <summary>A service that answers as a test wants.</summary>
internal sealed class PlayedService(Func<HttpRequestMessage, string, HttpResponseMessage> answer) : HttpMessageHandler
{
    /// <summary>A client of it.</summary>
    /// <param name="service">Name of the service.</param>
    /// <param name="answer">Given a request and its body, the answer.</param>
    public static ServiceClient Client(string service, Func<HttpRequestMessage, string, HttpResponseMessage> answer) =>
        new(service, new HttpClient(new PlayedService(answer)) { BaseAddress = new Uri($"http://{service.ToLowerInvariant()}") });

    /// <summary>An answer with a JSON body.</summary>
    public static HttpResponseMessage Json(HttpStatusCode status, string body) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answer(request, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken));
}
