using CpfPipeline.Vocabulary;

namespace CpfPipeline.Learning.Features;

/// <summary>A picture that has no feature.</summary>
/// <param name="Picture">Its index in the list that was given.</param>
/// <param name="Reason">A code of <see cref="RejectReasons"/>, or <c>unreadable</c>.</param>
/// <param name="Message">For a person.</param>
public sealed record RefusedPicture(int Picture, string Reason, string Message);
