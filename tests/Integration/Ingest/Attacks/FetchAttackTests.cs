using System.Net;
using CpfPipeline.Ingest.Guard;
using Microsoft.Security.AntiSSRF;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Attacks;

/// <summary>
/// What strangers submit to the real service, over HTTP: <c>fetch-attacks.tsv</c> says what becomes of each, and nothing private is
/// reached.
/// </summary>
public sealed class FetchAttackTests(AttackedIngest ingest) : IClassFixture<AttackedIngest>
{
    private static readonly IPNetwork[] SecondOpinion = [.. IPAddressRanges.recommendedLatest.Select(IPNetwork.Parse)];

    public static TheoryData<int, string> Vectors()
    {
        var vectors = new TheoryData<int, string>();
        foreach (var vector in AttackTable.Vectors)
        {
            vectors.Add(vector.Number, vector.Kind);
        }

        return vectors;
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Submit_Vector_EndsAsTheTableSays(int number, string kind)
    {
        var vector = AttackTable.Vectors[number];
        Assert.Equal((kind, vector.Outcome, vector.Uri), (kind, ingest.OutcomeOf(vector), vector.Uri));
    }

    [Fact]
    public void Vectors_AreManyOfEveryKind()
    {
        var kinds = AttackTable.Vectors.CountBy(v => v.Kind).ToDictionary();
        Assert.InRange(kinds.Count, 22, int.MaxValue);
        Assert.All(kinds, kind => Assert.InRange(kind.Value, 9, int.MaxValue));
        Assert.InRange(AttackTable.Vectors.Count(v => v.Outcome != "stored"), 250, int.MaxValue);
    }

    // Only the store that the operator named may be private. What a translator's address carries is seen by our own rule alone.
    [Fact]
    public void Network_EveryConnection_WentToAPublicAddress()
    {
        var dialled = ingest.Attacked.Dialled.Where(e => !(e.Address.Equals(IPAddress.Parse("10.9.9.9")) && e.Port == 9000)).ToArray();
        Assert.InRange(dialled.Length, 50, int.MaxValue);
        Assert.All(dialled, e =>
        {
            var address = e.Address.IsIPv4MappedToIPv6 ? e.Address.MapToIPv4() : e.Address;
            Assert.DoesNotContain(
                SecondOpinion, network => network.Contains(address) && !IPNetwork.Parse("fd00:64:64::/96").Contains(address));
        });
    }

    [Fact]
    public void Network_DeniedAndMisspelledHosts_WereNotLookedUp()
    {
        Assert.DoesNotContain(ingest.Attacked.Asked.Keys, name => HostName.IsMisspelledAddress(name));
        Assert.DoesNotContain(
            ingest.Attacked.Asked.Keys, name => name.TrimEnd('.').EndsWith("denied.test", StringComparison.OrdinalIgnoreCase)
                && !name.StartsWith("xdenied", StringComparison.Ordinal));
    }

    [Fact]
    public void Requests_All_CarryWhatMetadataServicesRefuse()
    {
        Assert.InRange(ingest.Requests.Count, 50, int.MaxValue);
        Assert.All(ingest.Requests, headers => Assert.Equal("unknown", headers.GetValueOrDefault("X-Forwarded-For")));
        Assert.All(ingest.Requests, headers => Assert.False(headers.ContainsKey("X-Evil")));
    }

    [Fact]
    public void Refusals_OfAStore_KeepItsWordsToThemselves() =>
        Assert.DoesNotContain("told nobody", ingest.Details, StringComparison.Ordinal);

    // Microsoft's list of special addresses: what it holds, our rule refuses.
    [Fact]
    public void PublicAddress_WhatTheSecondOpinionRefuses_IsRefused()
    {
        var literals = AttackTable.Vectors.Select(v => Uri.TryCreate(v.Uri, UriKind.Absolute, out var uri) ? uri : null)
            .OfType<Uri>().Where(uri => uri.HostNameType is UriHostNameType.IPv4 or UriHostNameType.IPv6)
            .Select(uri => HostName.FindAddress(uri.Host)).OfType<IPAddress>()
            .Concat(SecondOpinion.SelectMany(network => new[] { network.BaseAddress, Last(network) })).Distinct().ToArray();
        Assert.InRange(literals.Length, 200, int.MaxValue);
        Assert.DoesNotContain(literals, a => PublicAddress.Is(a, []) && SecondOpinion.Any(network => network.Contains(a)));
    }

    private static IPAddress Last(IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        for (var bit = network.PrefixLength; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] |= (byte)(0x80 >> (bit % 8));
        }

        return new IPAddress(bytes);
    }
}
