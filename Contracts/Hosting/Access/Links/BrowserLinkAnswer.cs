namespace CpfPipeline.Hosting.Access.Links;

/// <summary>A link that signs a browser in, once.</summary>
/// <param name="Path">Path at this service.</param>
/// <param name="Seconds">How long it can be used.</param>
public sealed record BrowserLinkAnswer(string Path, int Seconds);
