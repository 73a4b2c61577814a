namespace CpfPipeline.Data.Access;

/// <summary>Whose word something is, and who said so to us.</summary>
/// <param name="Who">The name that is kept with the word.</param>
/// <param name="Actor">Who asked, for the audit; null: nobody, a part of the pipeline acts by itself, and nothing is audited.</param>
public sealed record Speaker(string Who, Actor? Actor = null)
{
    /// <summary>A name that nobody asked for.</summary>
    public static implicit operator Speaker(string who) => new(who);
}
