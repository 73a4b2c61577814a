using System.Text.RegularExpressions;

namespace CpfPipeline.Trainer.Hub;

/// <summary>A repository of the hub at a revision: <c>hf:OWNER/NAME[@REVISION]</c>.</summary>
/// <param name="Owner">User or organisation.</param>
/// <param name="Name">Repository.</param>
/// <param name="Revision">Branch, tag or commit.</param>
internal sealed partial record HubName(string Owner, string Name, string Revision)
{
    /// <summary>What it is without one.</summary>
    public const string DefaultRevision = "main";

    /// <summary>Reads a name.</summary>
    public static HubName? Parse(string text)
    {
        var match = Form().Match(text);
        return !match.Success || match.Groups["revision"].Value.Contains("..", StringComparison.Ordinal)
            ? null
            : new HubName(
                match.Groups["owner"].Value, match.Groups["name"].Value,
                match.Groups["revision"].Success ? match.Groups["revision"].Value : DefaultRevision);
    }

    /// <summary>As a person writes it.</summary>
    public override string ToString() => $"hf:{Owner}/{Name}{(Revision == DefaultRevision ? "" : $"@{Revision}")}";

    [GeneratedRegex(
        @"^hf:(?<owner>[A-Za-z0-9_][A-Za-z0-9_.-]*)/(?<name>[A-Za-z0-9_][A-Za-z0-9_.-]*)(?:@(?<revision>[A-Za-z0-9_][A-Za-z0-9_./-]*))?$")]
    private static partial Regex Form();
}
