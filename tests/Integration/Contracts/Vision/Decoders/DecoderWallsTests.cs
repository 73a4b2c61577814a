using CpfPipeline.Tests.DecoderProbe;
using CpfPipeline.Vision.Decoders;
using CpfPipeline.Vision.Walls;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Vision.Decoders;

/// <summary>What code of a stranger could try from within a decoder's process. It tries, and is refused.</summary>
public sealed class DecoderWallsTests(DecoderWallsTests.OnePool fixture) : IClassFixture<DecoderWallsTests.OnePool>
{
    private const string Control = "time";

    public static TheoryData<string> Words => [.. Deeds.Words.Where(word => word != Control)];

    [Theory]
    [MemberData(nameof(Words))]
    public void Attempt_FromWithin_IsRefused(string word)
    {
        Assert.Equal(RejectReasons.Truncated, fixture.Pool.Ask(word).Reason); // As the file is: the process goes on.
        Assert.Equal(0, fixture.Losses);
    }

    [Fact]
    public void Attempt_ThatWorks_IsNoticed()
    {
        using var pool = ProbePool.Of(ProbePool.Settings());

        Assert.Equal(RejectReasons.DecoderCrashed, pool.Ask(Control).Reason);
    }

    [Fact]
    public void Loaders_OfFormatsThatAreNotTaken_AreBlocked()
    {
        Assert.Equal(RejectReasons.Truncated, fixture.Pool.Ask("loaders").Reason);
        Assert.Equal(0, fixture.Losses);
    }

    [Fact]
    public void Files_FromTheFirstInstructionOn_AreOutOfReach()
    {
        Assert.SkipUnless(fixture.Pool.Walls!.Value.HasFlag(Wall.Files), "this kernel has no Landlock");

        Assert.Equal(RejectReasons.Truncated, fixture.Pool.Ask("born").Reason);
        Assert.Equal(0, fixture.Losses);
    }

    [Fact]
    public void Process_OfThisOne_GetsNeitherItsEnvironmentNorItsFiles()
    {
        var id = Assert.Single(fixture.Pool.ProcessIds);
        string[] links;
        try
        {
            links = [.. Directory.EnumerateFiles($"/proc/{id}/fd").Select(file => new FileInfo(file).LinkTarget ?? "")];
        }
        catch (UnauthorizedAccessException)
        {
            Assert.Skip("only root may look into a process that cannot be dumped");
            return;
        }

        Assert.Contains(links, link => link.Contains("memfd:cpf-decoder", StringComparison.Ordinal));
        Assert.DoesNotContain(fixture.Inheritable, links);
        Assert.DoesNotContain(links, link => link.StartsWith("socket:", StringComparison.Ordinal));
        var environment = File.ReadAllText($"/proc/{id}/environ");
        Assert.DoesNotContain(OnePool.Secret, environment, StringComparison.Ordinal);
        Assert.Equal(DecoderHost.Environment, environment.Split('\0', StringSplitOptions.RemoveEmptyEntries));
    }

    public sealed class OnePool : IDisposable
    {
        public const string Secret = "Password=decoder-walls-tests";

        private readonly int _descriptor;
        private long _losses;

        public OnePool()
        {
            Environment.SetEnvironmentVariable("CPF_DECODER_WALLS_TESTS", Secret);
            Inheritable = Path.GetTempFileName();
            _descriptor = Libc.Open(Inheritable, Libc.OpenReadOnly); // Not closed on exec, as libraries of others do it.
            Pool = ProbePool.Of(ProbePool.Settings());
            Pool.Lost += (_, _) => Interlocked.Increment(ref _losses);
            Pool.Start();
        }

        internal DecoderPool Pool { get; }

        internal string Inheritable { get; }

        internal long Losses => Interlocked.Read(ref _losses);

        public void Dispose()
        {
            Pool.Dispose();
            _ = Libc.Close(_descriptor);
            File.Delete(Inheritable);
        }
    }
}
