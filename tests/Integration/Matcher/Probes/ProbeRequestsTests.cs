using CpfPipeline.Data.Probes;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Probes;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using MassTransit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Probes;

public sealed class ProbeRequestsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-probes-");

    [Fact]
    public async Task AskAsync_NoAnswerForAsLongAsMayBe_SaysSoAndLeavesNothing()
    {
        var (probes, probe) = (new FolderProbeStore(_folder.FullName), Guid.NewGuid());
        using var requests = new ProbeRequests(
            probes, (IBus)(object)AnsweringBus.Create(), Options.Create(new MatcherOptions { MaxProbeWait = TimeSpan.FromMinutes(2) }),
            new FastClock(), NullLogger<ProbeRequests>.Instance);
        await probes.BeginAsync(probe, TestContext.Current.CancellationToken);

        var reply = await requests.AskAsync(probe, null, TestContext.Current.CancellationToken);
        await requests.EndAsync(probe);

        Assert.Equal(new ProbeReply(null, "Ingest"), reply);
        Assert.Empty(_folder.EnumerateFileSystemInfos());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
