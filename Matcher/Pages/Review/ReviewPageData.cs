using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Pages.Addresses;

namespace CpfPipeline.Matcher.Pages.Review;

/// <summary>Everything that the review page shows.</summary>
/// <param name="Model">The active model.</param>
/// <param name="Reviewer">The reviewer.</param>
/// <param name="Pair">The pair; null when none is open.</param>
/// <param name="At">Its place in the queue; null: it was chosen by its address.</param>
/// <param name="Counts">How far the reviewer is.</param>
/// <param name="Last">The answer that an undo takes back, or else the reviewer's last one; null when there is none.</param>
/// <param name="View">How the pictures are laid out.</param>
/// <param name="OtherOnTop">Whether the second picture is on top where one covers the other.</param>
/// <param name="ShowsScore">Whether the score is shown before the answer.</param>
public sealed record ReviewPageData(
    ServingModel Model, string Reviewer, PairView? Pair, int? At, ReviewCounts Counts, LastAnswer? Last, ReviewView View, bool OtherOnTop,
    bool ShowsScore);
