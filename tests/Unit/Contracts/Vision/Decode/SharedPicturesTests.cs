using CpfPipeline.Tests.Unit.Contracts.Vision.Samples;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vocabulary;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>Pictures that went wrong, and broken ones of public decoder corpora, where they lie beside the checkout.</summary>
public sealed class SharedPicturesTests
{
    private const int EveryNth = 25;

    private static readonly InputSpec Plain = new(64, 64, ResizeRule.Squash, [0, 0, 0], [1, 1, 1]);

    private readonly ImageDecoder _decoder = new(new ImageLimits(), TimeProvider.System);

    [Fact]
    public void Decode_DamagedFiles_AreTruncated()
    {
        var faults = SharedFiles.FolderOrSkip("faults");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(faults, "f11_damaged")))
        {
            Assert.Equal(RejectReasons.Truncated, Decode(file, out _).Reason);
        }

        Assert.Equal(RejectReasons.Truncated, Decode(Path.Combine(faults, "f08_error_text", "3_cut_png_33_bytes.png"), out _).Reason);
        Assert.Equal(RejectReasons.Truncated, Decode(Path.Combine(faults, "f08_error_text", "1_warns_but_decodes.jpg"), out _).Reason);
        Assert.Equal(RejectReasons.Undecodable, Decode(Path.Combine(faults, "f08_error_text", "2_undecodable.jpg"), out _).Reason);
    }

    [Fact]
    public void Decode_WhiteDrawings_AreDifferentPictures()
    {
        var drawings = Directory.GetFiles(Path.Combine(SharedFiles.FolderOrSkip("faults"), "f10_white_on_transparent"));
        var rows = drawings.Select(file =>
        {
            Assert.False(Decode(file, out var row).IsBlank);
            return row;
        }).ToArray();
        Assert.True(rows[0].Zip(rows[1]).Count(p => Math.Abs(p.First - p.Second) > .5f) > 300);
    }

    [Fact]
    public void Decode_GifsWithOddCanvases_AreAsTheirPngs()
    {
        var folder = Path.Combine(SharedFiles.FolderOrSkip("faults"), "f12_gif");
        AssertAlike(Path.Combine(folder, "shoe_canvas.gif"), Path.Combine(folder, "shoe_canvas_white.png"));
        AssertAlike(Path.Combine(folder, "shoe_zero_screen.gif"), Path.Combine(folder, "shoe_base.png"));
    }

    [Fact]
    public void Decode_HostileFiles_GiveTheSameReasonsInAnyOrder()
    {
        var files = Directory.EnumerateFiles(SharedFiles.FolderOrSkip("hostile"), "*.*", SearchOption.AllDirectories)
            .Order(StringComparer.Ordinal).Where((_, i) => i % EveryNth == 0).ToArray();
        var alone = files.Select(f => Explain(f)).ToArray();
        var together = new string[files.Length];
        Parallel.For(0, files.Length, i => together[^(i + 1)] = Explain(files[^(i + 1)]));
        Assert.Equal(alone, together);
        Assert.Contains("accepted", alone);
    }

    private void AssertAlike(string first, string second)
    {
        Assert.True(Decode(first, out var a).IsOk);
        Assert.True(Decode(second, out var b).IsOk);
        Assert.Equal(0, a.Zip(b).Average(p => Math.Abs(p.First - p.Second)), .02);
    }

    private DecodeOutcome Decode(string file, out float[] row)
    {
        row = new float[Plain.RowLength];
        return _decoder.Decode(File.ReadAllBytes(file), Plain, row);
    }

    private string Explain(string file) =>
        Decode(file, out _) is { IsOk: false } outcome ? $"{outcome.Reason}: {outcome.Message}" : "accepted";
}
