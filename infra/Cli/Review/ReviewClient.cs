using CpfPipeline.Cli.Services;

namespace CpfPipeline.Cli.Review;

/// <summary>Tells the Matcher what people know about pictures.</summary>
internal sealed class ReviewClient(ServiceClient matcher)
{
    /// <summary>Gives or withdraws a verdict. Answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses the verdict (2).</exception>
    public Task<VerdictAnswer> GiveVerdictAsync(VerdictBody verdict, CancellationToken cancellationToken) =>
        matcher.PostAsync<VerdictAnswer>("/verdicts", verdict, cancellationToken);

    /// <summary>Says whether a picture is a placeholder. Answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses it (2).</exception>
    public async Task OverridePlaceholderAsync(PlaceholderBody placeholder, CancellationToken cancellationToken) =>
        await matcher.SendAsync(HttpMethod.Post, "/placeholders", placeholder, cancellationToken);

    /// <summary>Sets how many products make a picture a placeholder. Answers when the groups have followed.</summary>
    /// <exception cref="CommandException">The Matcher does not answer (3), or refuses it (2).</exception>
    public async Task SetPlaceholderPolicyAsync(int minProductKeys, CancellationToken cancellationToken) =>
        await matcher.SendAsync(HttpMethod.Put, "/placeholders/policy", new { MinProductKeys = minProductKeys }, cancellationToken);
}
