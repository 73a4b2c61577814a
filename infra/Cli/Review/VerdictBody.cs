namespace CpfPipeline.Cli.Review;

/// <summary>Body of <c>POST /verdicts</c>.</summary>
internal sealed record VerdictBody(PictureWords A, PictureWords B, string Verdict, string Who, string? Note);
