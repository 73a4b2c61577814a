using System.Net;
using System.Text;
using CpfPipeline.Cli;
using CpfPipeline.Cli.Feeds;
using CpfPipeline.Cli.Progress;
using CpfPipeline.Cli.Reconciling;
using CpfPipeline.Cli.Services;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Cli.Feeds;

/// <summary>The services are played by the display: each look at the progress moves their work on by a step.</summary>
public sealed class SubmitRunTests(TestDatabases databases)
{
    private static readonly FeedBody Request = new("/shop", "shop", "folder", null, false);

    [Fact]
    public async Task RunAsync_WorkInSteps_WaitsForReadingMatchingAndReconciling()
    {
        await using var database = await databases.CreateAsync();
        var services = new PlayedServices(database);
        await services.Catalogue.ActivateModelAsync();
        services.Steps.Enqueue(() => services.Catalogue.StoreAsync("shop", "a", 1));
        services.Steps.Enqueue(() => services.Catalogue.StoreAsync("shop", "b", 2));
        services.Steps.Enqueue(() => database.ExecuteAsync("update cpf.feeds set state = 'finished', rows_read = 2, stored = 2"));
        services.Steps.Enqueue(() => services.Catalogue.GroupAsync(1, pending: true, reconciled: false, 1));
        services.Steps.Enqueue(() => services.Catalogue.GroupAsync(1, pending: true, reconciled: false, 2));
        services.AfterReconcile.Enqueue(() => database.ExecuteAsync("update cpf.group_members set pending = false"));

        var outcome = await services.RunAsync(Request);

        Assert.Empty(services.Steps);
        Assert.Empty(services.AfterReconcile);
        Assert.Equal(["/feeds", "/reconcile", "/reconcile"], services.Posts);
        var feed = Assert.Single(outcome.Feeds);
        Assert.Equal((ExitCode.Done, 2L, 1L, 2L), (feed.ExitCode, feed.Contents, feed.Groups, feed.GroupedImages));
    }

    [Fact]
    public async Task RunAsync_FeedFailed_EndsWithWhatWasRead()
    {
        await using var database = await databases.CreateAsync();
        var services = new PlayedServices(database);
        services.Steps.Enqueue(() => database.ExecuteAsync("update cpf.feeds set state = 'failed', message = 'not a feed'"));

        var outcome = await services.RunAsync(Request);

        Assert.Equal(ExitCode.Rejected, outcome.Feeds[0].ExitCode);
        Assert.Equal("not a feed", outcome.Feeds[0].Feed.Message);
    }

    [Fact]
    public async Task RunAsync_MatcherRestartedWhileReconciling_WaitsForIt()
    {
        await using var database = await databases.CreateAsync();
        var services = new PlayedServices(database) { ReconcilesLost = 2 };
        await services.Catalogue.ActivateModelAsync();
        services.Steps.Enqueue(() => services.Catalogue.StoreAsync("shop", "a", 1));
        services.Steps.Enqueue(() => database.ExecuteAsync("update cpf.feeds set state = 'finished', rows_read = 1, stored = 1"));
        services.Steps.Enqueue(() => services.Catalogue.GroupAsync(1, pending: false, reconciled: false, 1));

        var outcome = await services.RunAsync(Request);

        Assert.Equal(["/feeds", "/reconcile", "/reconcile", "/reconcile"], services.Posts);
        Assert.Equal(ExitCode.Done, outcome.Feeds[0].ExitCode);
    }

    private sealed class PlayedServices(TestDatabase database) : HttpMessageHandler, ISubmitDisplay
    {
        private bool _matched;

        public Catalogue Catalogue { get; } = new(database);

        public Queue<Func<Task>> Steps { get; } = [];

        public Queue<Func<Task>> AfterReconcile { get; } = [];

        public List<string> Posts { get; } = [];

        /// <summary>So many requests to reconcile end with the connection.</summary>
        public int ReconcilesLost { get; set; }

        public async Task<SubmitOutcome> RunAsync(FeedBody request)
        {
            using var ingest = new ServiceClient(
                "Ingest", new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://ingest") });
            using var matcher = new ServiceClient(
                "Matcher", new HttpClient(this, disposeHandler: false) { BaseAddress = new Uri("http://matcher") });
            var watch = new ServiceWatch((_, _) => Task.FromResult(true), TimeProvider.System);
            var run = new SubmitRun(
                new FeedClient(ingest), new ReconcileClient(matcher), new FeedStore(database.DataSource),
                new FeedOutcomeStore(database.DataSource),
                new ImageProgressStore(database.DataSource), watch, this, TimeProvider.System);
            return await run.RunAsync([request], TestContext.Current.CancellationToken);
        }

        public void Show(SubmitProgress progress)
        {
            Assert.Equal(_matched, progress.Matched);
            var queue = Posts.Contains("/reconcile") ? AfterReconcile : Steps;
            if (queue.TryDequeue(out var step))
            {
                step().GetAwaiter().GetResult();
            }

            _matched = Steps.Count == 0;
        }

        public void ShowReconciling()
        {
        }

        public void ShowReconciled() => Assert.Equal(
            0L, database.ScalarAsync<long>("select count(*) from cpf.group_members where not reconciled").GetAwaiter().GetResult());

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var path = request.RequestUri!.AbsolutePath;
            Posts.Add(path);
            if (path == "/feeds")
            {
                var feed = await database.ScalarAsync<long>(
                    """
                    insert into cpf.feeds (source, path, format, revision, state)
                        values ('shop', '/shop', 'folder', 1, 'running') returning feed_id
                    """);
                return Answer($$"""{"feed_id": {{feed}}}""");
            }

            if (ReconcilesLost-- > 0)
            {
                throw new HttpRequestException("Connection refused");
            }

            await database.ExecuteAsync("update cpf.group_members set reconciled = true where not pending");
            return Answer("""{"contents": 2, "gallery": 2, "pairs": 1, "missed_pairs": 0, "recall": 1, "pending": 0}""");
        }

        private static HttpResponseMessage Answer(string body) =>
            new(HttpStatusCode.OK) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
