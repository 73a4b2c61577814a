namespace CpfPipeline.Matcher.Pages.Models;

/// <summary>What the form of an activation carries.</summary>
/// <param name="Key">The request's own key: a form that is sent twice asks once.</param>
/// <param name="Setting">The setting that holds the operator's token.</param>
public sealed record ActivationForm(Guid Key, string Setting);
