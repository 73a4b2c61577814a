using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Pages.Pictures;

namespace CpfPipeline.Matcher.Pages.Groups;

/// <summary>Everything that the page of a group shows.</summary>
/// <param name="Model">The active model.</param>
/// <param name="Head">The group as a whole.</param>
/// <param name="Pictures">The pictures of this page of it, the medoid first on the first one.</param>
/// <param name="Next">Where its next page begins; null at the end.</param>
/// <param name="Likeness">Similarities among the pictures of this page.</param>
/// <param name="Bridge">
/// Where the group would come apart first; null for one picture, for a group that verdicts made, and for a large one.
/// </param>
/// <param name="Verdicts">Verdicts on its pictures, the newest first.</param>
/// <param name="Models">How these pictures are grouped under the models that know them, the newest first.</param>
/// <param name="Steps">What happened to these pictures, the newest first.</param>
public sealed record GroupPageData(
    ServingModel Model, GroupHead Head, IReadOnlyList<GroupMemberPicture> Pictures, long? Next, PictureLikeness Likeness,
    WeakestBridge? Bridge, IReadOnlyList<GroupVerdict> Verdicts, IReadOnlyList<GroupUnderModel> Models, IReadOnlyList<GroupStep> Steps);
