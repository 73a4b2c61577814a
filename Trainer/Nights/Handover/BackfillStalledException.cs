using System.Globalization;

namespace CpfPipeline.Nights.Handover;

/// <summary>Features that a model needs are not being computed.</summary>
internal sealed class BackfillStalledException(string message) : Exception(message)
{
    private const double FewShare = .01;

    /// <summary>A few contents that the model's backbone cannot see do not keep it from becoming active; they are matched under none of its groups.</summary>
    public static void ThrowUnlessFew(long without, long live, TimeSpan patience)
    {
        if (without > live * FewShare)
        {
            throw new BackfillStalledException(string.Create(
                CultureInfo.InvariantCulture,
                $"the features of {without:N0} of {live:N0} contents under the model's backbone have not come on for {patience.TotalMinutes:0} minutes: see the Embedder's log and the queue cpf.embed-contents_error"));
        }
    }
}
