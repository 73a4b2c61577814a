using System.Net;
using System.Text;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Pictures;
using CpfPipeline.Cli.Retractions;
using CpfPipeline.Cli.Services;
using Xunit;

namespace CpfPipeline.Tests.Unit.Cli.Retractions;

public sealed class RetractionTests
{
    [Fact]
    public async Task RunAsync_KnownUnknownAndRefused_TellsOfEachInOrder()
    {
        var ingest = new PlayedIngest();
        using var client = new ServiceClient(
            "Ingest", new HttpClient(ingest, disposeHandler: false) { BaseAddress = new Uri("http://ingest") });

        var images = await new RetractionRun(new PictureClient(client)).RunAsync(
            RetractionOrder.Of("shop", ["live", "gone", "typo"], ["newer", "", "live", "../a b"]), CancellationToken.None);

        Assert.Equal(
            [
                new("live", RetractedImage.Retracted), new("gone", RetractedImage.Already), new("typo", RetractedImage.Unknown),
                new("newer", RetractedImage.Refused, "A revision newer than 5 is known."), new("../a b", RetractedImage.Retracted),
            ],
            images);
        Assert.Equal(["../a b", "live", "newer"], ingest.Deleted.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(RetractedImage.Already, ExitCode.Done)]
    [InlineData(RetractedImage.Unknown, ExitCode.Rejected)]
    [InlineData(RetractedImage.Refused, ExitCode.Rejected)]
    internal void ExitCode_ByTheOtherImage_IsTheDocumentedOne(string outcome, ExitCode expected) => Assert.Equal(
        expected, new RetractionReport("shop", [new("a", RetractedImage.Retracted), new("b", outcome)]).ExitCode);

    [Fact]
    public void Write_ManyOutcomes_TellsCountsAndNames()
    {
        var output = new StringWriter();
        var many = Enumerable.Range(0, 12).Select(i => new RetractedImage($"u{i}", RetractedImage.Unknown));

        new RetractionReport("shop", [new("a", RetractedImage.Retracted), .. many, new("b", RetractedImage.Refused, "newer")])
            .Write(output);

        Assert.StartsWith("retracted  1\n  a\nunknown    12 not known of shop; nothing was done about them\n  u0\n", output.ToString(),
            StringComparison.Ordinal);
        Assert.EndsWith("  and 2 more\nrefused    1\n  b: newer\n", output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadLinesAsync_StandardInput_IsReadByLine()
    {
        Assert.Equal(["a", "b c"], await RetractionOrder.ReadLinesAsync("-", new StringReader("a\r\n\nb c\n"), CancellationToken.None));
        Assert.Null(await RetractionOrder.ReadLinesAsync(null, TextReader.Null, CancellationToken.None));
        await Assert.ThrowsAsync<CommandException>(() =>
            RetractionOrder.ReadLinesAsync("/no/such/file", TextReader.Null, CancellationToken.None));
    }

    [Fact]
    public void Of_NoId_IsWrongUsage() =>
        Assert.Equal(ExitCode.Usage, Assert.Throws<CommandException>(() => RetractionOrder.Of("shop", [], [""])).ExitCode);

    private sealed class PlayedIngest : HttpMessageHandler
    {
        public List<string> Deleted { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var query = System.Web.HttpUtility.ParseQueryString(request.RequestUri!.Query);
            var id = query["external_id"]!;
            Assert.Equal("shop", query["source"]);
            if (request.Method == HttpMethod.Delete)
            {
                lock (Deleted)
                {
                    Deleted.Add(id);
                }

                return Task.FromResult(id == "newer"
                    ? Answer(HttpStatusCode.Conflict, """{"detail": "A revision newer than 5 is known."}""")
                    : Answer(HttpStatusCode.OK, """{"state": "retracted"}"""));
            }

            return Task.FromResult(id == "typo"
                ? Answer(HttpStatusCode.NotFound, """{"detail": "No such image."}""")
                : Answer(HttpStatusCode.OK, $$"""
                    {"source": "shop", "external_id": "x", "state": "{{(id == "gone" ? "retracted" : "stored")}}", "status": "matched"}
                    """));
        }

        private static HttpResponseMessage Answer(HttpStatusCode status, string body) =>
            new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
