using System.Globalization;
using CpfPipeline.Data.Handover;

namespace CpfPipeline.Nights.Handover;

/// <summary>What is said about waiting for the Matcher.</summary>
internal static class PreparationMessage
{
    /// <summary>From this long without a sign of life on, the Matcher is said to be missing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static string Of(ModelPreparation preparation, string what) => preparation.SilentFor >= Patience
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"no Matcher has answered for {preparation.SilentFor.TotalSeconds:0} s: is it running? ({preparation.Message ?? what}) The run goes on as soon as one does")
        : preparation.Message ?? what;
}
