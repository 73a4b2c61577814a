using CpfPipeline.Labels;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>
/// Reads labels files into a <see cref="LabelledSet"/> and checks that they can be used; see <see cref="LabelledSet.Read"/>.
/// </summary>
public static class LabelledSetReader
{
    /// <summary>So many classes make two folds of two.</summary>
    public const int MinClassesToFold = 4;

    /// <inheritdoc cref="LabelledSet.Read(IReadOnlyList{string}, LabelledSplit[])"/>
    /// <param name="files">Paths of labels.csv files.</param>
    /// <param name="needed">Splits that must hold pairs.</param>
    /// <param name="mayFold">
    /// Train and validation may share classes. Where no file names validation and there is a test split, <see cref="MinClassesToFold"/> of
    /// them suffice.
    /// </param>
    public static LabelledSet Read(IReadOnlyList<string> files, IReadOnlyCollection<LabelledSplit> needed, bool mayFold = false)
    {
        var paths = files.Select(Resolve).ToList();
        var sets = SetNames.Of(paths);
        var reader = new LabelsReader();
        var faults = reader.Faults;
        var (rows, hasValidationRows) = (new List<LabelledRow>(), false);
        for (var i = 0; i < paths.Count; i++)
        {
            var read = ReadFile(reader, paths[i], sets[i], paths.Count > 1);
            CheckOverlap(read, faults);
            hasValidationRows |= read.Any(r => r.Picture.Split == LabelledSplit.Validation);
            rows.AddRange(GiveToValidation(read));
        }

        CheckPictures(rows, needed, faults);
        CheckSingles(rows, needed, faults);
        faults.ThrowIfAny(string.Join(", ", paths));
        var set = new LabelledSet(rows.Select(r => r.Picture), sets, hasValidationRows);
        var folds = mayFold && !hasValidationRows && set.Of(LabelledSplit.Test).Count > 0
            && set.ClassCount(LabelledSplit.Train) + set.ClassCount(LabelledSplit.Validation) >= MinClassesToFold;
        foreach (var split in needed.Where(s => !folds || s is not (LabelledSplit.Train or LabelledSplit.Validation)))
        {
            CheckEnough(set, split, string.Join(", ", paths));
        }

        return set;
    }

    /// <summary>The rows of one file with the splits it names; no picture is looked for, and classes are not checked.</summary>
    /// <exception cref="LabelsFileException">Lines cannot be used; the message lists all of them.</exception>
    public static IReadOnlyList<LabelledPicture> ReadRows(string file)
    {
        var reader = new LabelsReader();
        var rows = ReadFile(reader, file, "", severalSets: false);
        reader.Faults.ThrowIfAny(file);
        return [.. rows.Select(r => r.Picture)];
    }

    private static string Resolve(string file)
    {
        var path = Path.GetFullPath(file);
        path = Directory.Exists(path) ? Path.Combine(path, LabelsReader.FileName) : path;
        return File.Exists(path) ? path : throw new LabelsFileException($"there is no labels file {path}");
    }

    private static List<LabelledRow> ReadFile(LabelsReader reader, string file, string set, bool severalSets)
    {
        var rows = new List<LabelledRow>();
        foreach (var row in reader.Read(file, () => File.OpenRead(file), severalSets ? set : null))
        {
            if (row.Label.Length == 0 && row.Split != LabelledSplit.Distractor)
            {
                reader.Faults.Add("lines have no label", "name the class, or give the picture the split distractor", row.Place);
                continue;
            }

            var own = row.Split == LabelledSplit.Distractor ? $"distractor {row.Name}" : row.Label;
            rows.Add(new LabelledRow(
                row.Place, new LabelledPicture(row.Path, row.Name, set, row.Label, severalSets ? $"{set}/{own}" : own, row.Split)));
        }

        return rows;
    }

    private static List<LabelledRow> GiveToValidation(List<LabelledRow> rows) =>
        rows.Exists(r => r.Picture.Split == LabelledSplit.Validation)
            ? rows
            : [.. rows.Select(r => r.Picture.Split == LabelledSplit.Train && ClassSplit.IsCalibration(r.Picture.Label)
                ? r with { Picture = r.Picture with { Split = LabelledSplit.Validation } }
                : r)];

    private static void CheckPictures(List<LabelledRow> rows, IReadOnlyCollection<LabelledSplit> needed, LabelsFaults faults)
    {
        foreach (var (place, picture) in rows)
        {
            if ((picture.Split == LabelledSplit.Distractor || needed.Contains(picture.Split)) && !File.Exists(picture.Path))
            {
                faults.Add("pictures are missing", "paths are relative to the labels file", $"{picture.Name} ({place})");
            }
        }
    }

    private static void CheckOverlap(List<LabelledRow> rows, LabelsFaults faults)
    {
        foreach (var group in rows.Where(r => r.Picture.Split != LabelledSplit.Distractor)
            .GroupBy(r => r.Picture.Class, StringComparer.Ordinal))
        {
            var splits = group.GroupBy(r => r.Picture.Split).ToList();
            if (splits.Count > 1)
            {
                var where = string.Join(" and ", splits.Select(s => $"{SplitWords.Of(s.Key)} ({s.First().Place})"));
                faults.Add(
                    "classes lie in more than one of train, val and test", "give all pictures of a class one split",
                    $"{Short(group.Key)} in {where}");
            }
        }
    }

    private static void CheckSingles(List<LabelledRow> rows, IReadOnlyCollection<LabelledSplit> needed, LabelsFaults faults)
    {
        foreach (var group in rows.Where(r => r.Picture.Split != LabelledSplit.Distractor)
            .GroupBy(r => r.Picture.Class, StringComparer.Ordinal))
        {
            if (group.Count() == 1 && needed.Contains(group.First().Picture.Split))
            {
                faults.Add(
                    $"classes of the split {SplitWords.Of(group.First().Picture.Split)} have only one picture",
                    "add a second picture of it, take the line out, or give it the split distractor",
                    $"{Short(group.Key)} ({group.First().Place})");
            }
        }
    }

    private static void CheckEnough(LabelledSet set, LabelledSplit split, string files)
    {
        var classes = set.ClassCount(split);
        if (classes >= 2 || (classes == 1 && set.Of(LabelledSplit.Distractor).Count > 0))
        {
            return;
        }

        var (have, verb) = (classes == 0 ? "no pictures" : "one class only and no distractors", split switch
        {
            LabelledSplit.Train => "train on",
            LabelledSplit.Validation => "choose the threshold on",
            _ => "test on",
        });
        var hint = split == LabelledSplit.Validation
            ? "; without val rows about a fifth of the train classes become validation, which needs some ten classes, "
                + "so add classes or name val rows yourself"
            : $"; at least two classes with two pictures each must have the split {SplitWords.Of(split)}";
        throw new TooLittleDataException($"{files}: {have} to {verb}{hint}");
    }

    private static string Short(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private sealed record LabelledRow(string Place, LabelledPicture Picture);
}
