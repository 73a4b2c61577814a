using CpfPipeline.Vision.Decode;
using NetVips;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>libvips comes with loaders of many formats. Those of the formats that are not taken refuse to load.</summary>
public sealed class LoadersTests
{
    private const string Blocked = "operation is blocked";
    private static readonly string[] Used = ["jpegload", "pngload", "webpload", "gifload", "tiffload", "heifload"];
    private static readonly byte[] NoPicture = "no picture at all"u8.ToArray();

    static LoadersTests() => _ = new ImageDecoder(new ImageLimits(), TimeProvider.System);

    public static TheoryData<string> Loaders() =>
        [.. NetVips.NetVips.GetOperations().Where(name => name.Split('_')[0].EndsWith("load", StringComparison.Ordinal)).Order()];

    [Theory]
    [MemberData(nameof(Loaders))]
    public void Loader_OfAFormatThatIsNotTaken_IsBlocked(string loader) =>
        Assert.Equal(!Used.Contains(loader.Split('_')[0]), MessageOf(loader).Contains(Blocked, StringComparison.Ordinal));

    // Were there none, the test above would prove nothing.
    [Fact]
    public void Loaders_OfThisLibrary_AreManyMore()
    {
        var names = Loaders().Select(row => row.Data).ToArray();
        Assert.All(Used, used => Assert.Contains($"{used}_buffer", names));
        Assert.InRange(names.Length, 30, int.MaxValue);
    }

    private static string MessageOf(string loader)
    {
        using var source = Source.NewFromMemory(NoPicture);
        object input = loader.EndsWith("_buffer", StringComparison.Ordinal) ? NoPicture
            : loader.EndsWith("_source", StringComparison.Ordinal) ? source
            : typeof(LoadersTests).Assembly.Location; // A file that is there: some open it before they are asked to load.
        return Assert.Throws<VipsException>(() => Operation.Call(loader, Arguments(loader, input))).Message;
    }

    // Raw pixels need their size.
    private static object[] Arguments(string loader, object input) => loader == "rawload" ? [input, 1, 1, 1] : [input];
}
