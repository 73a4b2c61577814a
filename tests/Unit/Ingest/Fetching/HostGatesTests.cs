using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Fetching;
using CpfPipeline.Tests.Unit.Fixtures;
using Microsoft.Extensions.Options;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest.Fetching;

public sealed class HostGatesTests
{
    [Fact]
    public void Of_PicturesOfManyHosts_KeepsFewAndThoseOfSources()
    {
        var gates = new HostGates(Options.Create(new IngestOptions()), new HandClock());
        var ofASource = gates.Of(new Uri("http://shop.example/a"), "shop");
        Assert.NotSame(ofASource, gates.Of(new Uri("http://shop.example/a"), HostGates.Probes));

        for (var i = 0; i < 3 * HostGates.MaxProbeGates; i++)
        {
            gates.Of(new Uri($"http://host-{i}.example/a"), HostGates.Probes);
        }

        Assert.InRange(gates.Count, 2, HostGates.MaxProbeGates + 2);
        Assert.Same(ofASource, gates.Of(new Uri("http://shop.example/b"), "shop"));
    }
}
