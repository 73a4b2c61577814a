using System.Globalization;
using CpfPipeline.Data.Handover;

namespace CpfPipeline.Nights.Handover;

/// <summary>The message shown while a run waits for the Matcher.</summary>
internal static class PreparationMessage
{
    /// <summary>After this long without a sign of life, the message says that the Matcher is missing.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static string Of(ModelPreparation preparation, string what) => preparation.SilentFor >= Patience
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"no Matcher has answered for {preparation.SilentFor.TotalSeconds:0} s: is it running? ({preparation.Message ?? what}) "
            + $"The run goes on as soon as one does")
        : preparation.Message ?? what;
}
