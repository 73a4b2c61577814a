using System.Reflection;
using CpfPipeline.Contracts;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Contents;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Contents;

public sealed class RenditionRequestsTests : IDisposable
{
    private static readonly ShownContent Content = new(17, new byte[32], "png", 1000, 1000);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-renditions-");
    private readonly CountingBus _asked = (CountingBus)(object)DispatchProxy.Create<IBus, CountingBus>();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FolderBlobStore Blobs => new(_folder.FullName);

    [Fact]
    public async Task OpenAsync_ManyWaitForOne_AskOnceAndAllGetIt()
    {
        var requests = Requests(TimeSpan.FromMinutes(1));
        using var leaving = new CancellationTokenSource();
        var left = requests.OpenAsync(Content, Rendition.Small, leaving.Token);
        var waiting = Enumerable.Range(0, 20).Select(_ => requests.OpenAsync(Content, Rendition.Small, Token)).ToArray();
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => left);

        await Blobs.WriteRenditionAsync(Content.Sha256, Rendition.Small, new byte[] { 1 }, Token);

        foreach (var stream in await Task.WhenAll(waiting))
        {
            await using var made = stream;
            Assert.NotNull(made);
        }

        var asked = Assert.Single(_asked.Messages);
        Assert.Equal([17L], asked.ContentIds);
        Assert.Equal(Rendition.Small, asked.Rendition);
    }

    [Fact]
    public async Task OpenAsync_NotMadeInTime_IsNotAskedForAgainForAMinute()
    {
        var clock = new FastClock { Now = DateTimeOffset.UnixEpoch };
        var requests = Requests(TimeSpan.FromSeconds(1), clock);

        Assert.Null(await requests.OpenAsync(Content, Rendition.Small, Token));
        clock.Now += RenditionRequests.Rest - TimeSpan.FromSeconds(1);
        Assert.Null(await requests.OpenAsync(Content, Rendition.Small, Token));
        Assert.Single(_asked.Messages);

        // Another size of it is another question.
        Assert.Null(await requests.OpenAsync(Content, Rendition.Large, Token));
        Assert.Equal(2, _asked.Messages.Count);
        clock.Now += TimeSpan.FromSeconds(1);
        Assert.Null(await requests.OpenAsync(Content, Rendition.Small, Token));
        Assert.Equal(3, _asked.Messages.Count);
    }

    [Fact]
    public async Task OpenAsync_NotMadeForAsLongAsMayBe_IsNotThere() =>
        Assert.Null(await Requests(TimeSpan.FromMinutes(1), new FastClock()).OpenAsync(Content, Rendition.Small, Token));

    [Fact]
    public async Task OpenAsync_MadeAfterItWasGivenUp_IsThereAtOnce()
    {
        var requests = Requests(TimeSpan.FromSeconds(1), new FastClock());
        Assert.Null(await requests.OpenAsync(Content, Rendition.Small, Token));

        await Blobs.WriteRenditionAsync(Content.Sha256, Rendition.Small, new byte[] { 1 }, Token);

        await using var made = await requests.OpenAsync(Content, Rendition.Small, Token);
        Assert.NotNull(made);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private RenditionRequests Requests(TimeSpan wait, TimeProvider? time = null) =>
        new(Blobs, (IBus)(object)_asked, Options.Create(new MatcherOptions { MaxPictureWait = wait }), time ?? TimeProvider.System);

    /// <summary>Keeps what is published.</summary>
    public class CountingBus : DispatchProxy
    {
        internal List<MakeRenditions> Messages { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            Messages.Add((MakeRenditions)args![0]!);
            return Task.CompletedTask;
        }
    }
}
