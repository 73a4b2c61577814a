using System.Reflection;
using CpfPipeline.Contracts;
using CpfPipeline.Vision.Decode;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Vision.Decode;

/// <summary>
/// Decoding knows no messages, so the codes that it gives stand there once more: by the same name and with the same text.
/// </summary>
public sealed class DecodeFailureTests
{
    [Fact]
    public void Codes_OfDecoding_AreRejectReasonsOfTheSameName()
    {
        var reasons = Constants(typeof(RejectReasons));
        Assert.All(Constants(typeof(DecodeFailure)), code => Assert.Equal(code.Value, reasons.GetValueOrDefault(code.Key)));
    }

    private static Dictionary<string, string> Constants(Type type) =>
        type.GetFields(BindingFlags.Public | BindingFlags.Static).ToDictionary(f => f.Name, f => (string)f.GetRawConstantValue()!);
}
