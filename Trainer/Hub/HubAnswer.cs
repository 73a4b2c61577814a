namespace CpfPipeline.Trainer.Hub;

/// <summary>An answer of the hub or of who delivers for it, after all redirects.</summary>
/// <param name="Response">The last answer; its body is not read yet.</param>
/// <param name="Check">Expected size and hash of the file; null: unknown.</param>
/// <param name="Commit">The commit that the hub says it is of; null: it does not say.</param>
internal sealed record HubAnswer(HttpResponseMessage Response, HubFileCheck? Check, string? Commit) : IDisposable
{
    public void Dispose() => Response.Dispose();
}
