using CpfPipeline.Learning.LabelledSets;

namespace CpfPipeline.Learning.FirstModels;

/// <summary>
/// Deals the pictures of folders out. In a folder with labels, classes that belong to the live system's validation and test are held out.
/// Without labels every content is its own class, and its bytes are its key.
/// </summary>
internal static class CopyPictures
{
    /// <param name="folders">A set each.</param>
    /// <param name="maxPictures">More pictures of a folder than this are thinned out evenly.</param>
    public static IReadOnlyList<CopyPicture> Of(IReadOnlyList<PictureFolder> folders, int maxPictures) =>
    [
        .. folders.SelectMany((folder, set) => Thin(folder.Pictures, maxPictures)
            .Select(p => new CopyPicture(p.Path, p.Label, set, UseOf(p, folder.HasLabels)))),
    ];

    private static CopyUse UseOf(PictureFolder.FolderPicture picture, bool labelled)
    {
        if (!labelled)
        {
            return ClassSplit.Calibrates(File.ReadAllBytes(picture.Path)) ? CopyUse.Calibrates : CopyUse.Fits;
        }

        return picture.Label is null || picture.Held || !ClassSplit.IsTrain(picture.Label) ? CopyUse.HeldOut
            : ClassSplit.IsCalibration(picture.Label) ? CopyUse.Calibrates
            : CopyUse.Fits;
    }

    private static List<PictureFolder.FolderPicture> Thin(IReadOnlyList<PictureFolder.FolderPicture> pictures, int most)
    {
        if (pictures.Count <= most)
        {
            return [.. pictures];
        }

        // Not every n-th picture: with n pictures per product, all would come from the same seller.
        return [.. Enumerable.Range(0, most).Select(i => pictures[(int)((long)i * pictures.Count / most)])];
    }
}
