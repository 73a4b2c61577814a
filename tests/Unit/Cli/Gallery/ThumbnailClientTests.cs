using System.Net;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Gallery;
using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Gallery;

public sealed class ThumbnailClientTests
{
    private static readonly byte[] WebP = [.. "RIFF\0\0\0\0WEBPVP8 "u8];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task GetAsync_APicture_IsAskedForInItsSmallSize()
    {
        var asked = new List<string>();
        var thumbnail = await Client(path => { asked.Add(path); return Answer(HttpStatusCode.OK, WebP); }).GetAsync(17, Token);
        Assert.Equal(WebP, thumbnail.WebP);
        Assert.Equal(["/contents/17/thumbnail?size=320"], asked);
    }

    [Fact]
    public async Task GetAsync_NotMadeYet_IsAskedForAgain()
    {
        var asked = 0;
        var thumbnail = await Client(_ => ++asked < 3 ? Answer(HttpStatusCode.ServiceUnavailable) : Answer(HttpStatusCode.OK, WebP))
            .GetAsync(17, Token);
        Assert.Equal(WebP, thumbnail.WebP);
    }

    [Fact]
    public async Task GetAsync_NeverMade_IsToldAfterThreeTries()
    {
        var asked = 0;
        var client = Client(_ => { asked++; return Answer(HttpStatusCode.ServiceUnavailable); });
        Assert.Same(Thumbnail.Unmade, await client.GetAsync(17, Token));
        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task GetAsync_NoneIsMade_GivesUp()
    {
        var client = Client(_ => Answer(HttpStatusCode.ServiceUnavailable));
        var tries = 0;
        var e = await Assert.ThrowsAsync<ServiceSilentException>(async () =>
        {
            for (; tries < 100; tries++)
            {
                await client.GetAsync(tries, Token);
            }
        });
        Assert.Equal(7, tries);
        Assert.Contains("infra/cpf up", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_SomeAreMade_GoesOn()
    {
        var client = Client(path => path.Contains("/5/", StringComparison.Ordinal)
            ? Answer(HttpStatusCode.OK, WebP) : Answer(HttpStatusCode.ServiceUnavailable));
        foreach (var id in (long[])[1, 2, 3, 4, 5, 6, 7, 8, 9])
        {
            Assert.Equal(id == 5, (await client.GetAsync(id, Token)).WebP is not null);
        }
    }

    [Fact]
    public async Task GetAsync_NotThere_IsErased() =>
        Assert.Same(Thumbnail.Erased, await Client(_ => Answer(HttpStatusCode.NotFound)).GetAsync(17, Token));

    [Theory]
    [InlineData("<svg onload='alert(1)'/>")]
    [InlineData("RIFF")]
    [InlineData("RIFF....WAVEfmt ")]
    public async Task GetAsync_NoWebP_IsRefused(string body)
    {
        var client = Client(_ => Answer(HttpStatusCode.OK, System.Text.Encoding.ASCII.GetBytes(body)));
        var e = await Assert.ThrowsAsync<CommandException>(() => client.GetAsync(17, Token));
        Assert.Equal(ExitCode.Infrastructure, e.ExitCode);
    }

    [Fact]
    public async Task GetAsync_NoMatcher_SaysWhatStartsIt()
    {
        var e = await Assert.ThrowsAsync<ServiceSilentException>(
            () => Client(_ => throw new HttpRequestException("refused")).GetAsync(17, Token));
        Assert.Contains("Matcher does not answer", e.Message, StringComparison.Ordinal);
        Assert.Contains("infra/cpf up", e.Message, StringComparison.Ordinal);
    }

    private static ThumbnailClient Client(Func<string, HttpResponseMessage> answer) => new(
        new ServiceClient("Matcher", new HttpClient(new Handler(answer)) { BaseAddress = new Uri("http://matcher") }), new NoWaiting());

    private static HttpResponseMessage Answer(HttpStatusCode status, byte[]? body = null) =>
        new(status) { Content = new ByteArrayContent(body ?? []) };

    private sealed class Handler(Func<string, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(answer(request.RequestUri!.PathAndQuery));
    }

    // Every delay is over at once.
    private sealed class NoWaiting : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
