using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Probes;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using MassTransit;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Probes;

public sealed class ProbeRequestsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-probes-");

    [Fact]
    public async Task AskAsync_NoAnswerForAsLongAsMayBe_SaysSoAndLeavesNothing()
    {
        var requests = new ProbeRequests(
            new FolderProbeStore(_folder.FullName), (IBus)(object)AnsweringBus.Create(),
            Options.Create(new MatcherOptions { MaxProbeWait = TimeSpan.FromMinutes(2) }), new FastClock());

        var reply = await requests.AskAsync(new MemoryStream([1]), TestContext.Current.CancellationToken);

        Assert.Equal(new ProbeReply(null, "Ingest"), reply);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
