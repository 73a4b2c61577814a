using System.Globalization;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>Reads labels files into a <see cref="LabelledSet"/> and checks that they can be used; see <see cref="LabelledSet.Read"/>.</summary>
public static class LabelledSetReader
{
    public const string FileName = "labels.csv";

    /// <summary>So many classes make two folds of two.</summary>
    public const int FewestToFold = 4;

    private static readonly string[] SplitWords = ["train", "val", "test", "distractor"];

    /// <inheritdoc cref="LabelledSet.Read(IReadOnlyList{string}, LabelledSplit[])"/>
    /// <param name="files">Paths of labels.csv files.</param>
    /// <param name="needed">Splits that must hold pairs.</param>
    /// <param name="mayFold">
    /// Train and validation may share their classes: where no file names validation and there is a test, <see cref="FewestToFold"/> of them suffice.
    /// </param>
    public static LabelledSet Read(IReadOnlyList<string> files, IReadOnlyCollection<LabelledSplit> needed, bool mayFold = false)
    {
        var paths = files.Select(Resolve).ToList();
        var sets = SetNames.Of(paths);
        var problems = new LabelledProblems();
        var (rows, hasValidationRows) = (new List<LabelledRow>(), false);
        for (var i = 0; i < paths.Count; i++)
        {
            var read = ReadFile(paths[i], sets[i], paths.Count > 1, problems);
            CheckOverlap(read, problems);
            hasValidationRows |= read.Any(r => r.Picture.Split == LabelledSplit.Validation);
            rows.AddRange(GiveToValidation(read));
        }

        CheckPictures(rows, needed, problems);
        CheckSingles(rows, needed, problems);
        problems.ThrowIfAny(string.Join(", ", paths));
        var set = new LabelledSet(rows.Select(r => r.Picture), sets, hasValidationRows);
        var folds = mayFold && !hasValidationRows && set.Of(LabelledSplit.Test).Count > 0
            && set.ClassCount(LabelledSplit.Train) + set.ClassCount(LabelledSplit.Validation) >= FewestToFold;
        foreach (var split in needed.Where(s => !folds || s is not (LabelledSplit.Train or LabelledSplit.Validation)))
        {
            CheckEnough(set, split, string.Join(", ", paths));
        }

        return set;
    }

    /// <summary>The rows of one file with the splits it names; no picture is looked for, and classes are not checked.</summary>
    /// <exception cref="LabelledSetException">Lines cannot be used; the message lists all of them.</exception>
    public static IReadOnlyList<LabelledPicture> ReadRows(string file)
    {
        var problems = new LabelledProblems();
        var rows = ReadFile(file, "", severalSets: false, problems);
        problems.ThrowIfAny(file);
        return [.. rows.Select(r => r.Picture)];
    }

    /// <summary>The word of a labels file for a split.</summary>
    public static string Word(LabelledSplit split) => SplitWords[(int)split];

    private static string Resolve(string file)
    {
        var path = Path.GetFullPath(file);
        path = Directory.Exists(path) ? Path.Combine(path, FileName) : path;
        return File.Exists(path) ? path : throw new LabelledSetException($"there is no labels file {path}");
    }

    private static List<LabelledRow> ReadFile(string file, string set, bool severalSets, LabelledProblems problems)
    {
        using var reader = new StreamReader(file);
        using var records = CsvRecords.Read(reader).GetEnumerator();
        if (!records.MoveNext())
        {
            throw new LabelledSetException($"{file} is empty; its first line must name the columns: path,label,split");
        }

        var header = records.Current.Cells.Select(c => c.Trim().ToLowerInvariant()).ToList();
        var columns = (Path: header.IndexOf("path"), Label: header.IndexOf("label"), Split: header.IndexOf("split"));
        if (columns.Path < 0 || columns.Label < 0)
        {
            throw new LabelledSetException(
                $"{file} has no {(columns.Path < 0 ? columns.Label < 0 ? "columns path and label" : "column path" : "column label")}; "
                + $"its first line is \"{Short(string.Join(',', records.Current.Cells))}\" and should name the columns: path,label,split");
        }

        var folder = Path.GetDirectoryName(file)!;
        var rows = new List<LabelledRow>();
        while (records.MoveNext())
        {
            var record = records.Current;
            var place = Place(record.Line, severalSets, set);
            if (record.IsTorn || record.Cells.Count > header.Count)
            {
                problems.Add("lines are no proper CSV", "put values with commas or quotes into quotes and double the quotes within", place);
                continue;
            }

            var (name, label, word) = (Cell(record, columns.Path), Cell(record, columns.Label), Cell(record, columns.Split).Trim());
            var split = word.Length == 0 ? (int)LabelledSplit.Train : Array.IndexOf(SplitWords, word.ToLowerInvariant());
            if (split < 0)
            {
                problems.Add("lines have an unknown split", "it must be train, val, test or distractor", $"{place} \"{Short(word)}\"");
            }

            if (name.Length == 0)
            {
                problems.Add("lines have no path", "name the picture, relative to the labels file", place);
            }

            if (label.Length == 0 && split is not (int)LabelledSplit.Distractor)
            {
                problems.Add("lines have no label", "name the class, or give the picture the split distractor", place);
            }

            if (name.Length > 0 && split >= 0 && (label.Length > 0 || split == (int)LabelledSplit.Distractor))
            {
                var own = split == (int)LabelledSplit.Distractor ? $"distractor {name}" : label;
                rows.Add(new LabelledRow(place, new LabelledPicture(
                    Path.GetFullPath(Path.Combine(folder, name)), name, set, label, severalSets ? $"{set}/{own}" : own, (LabelledSplit)split)));
            }
        }

        return rows;
    }

    private static List<LabelledRow> GiveToValidation(List<LabelledRow> rows) =>
        rows.Exists(r => r.Picture.Split == LabelledSplit.Validation)
            ? rows
            : [.. rows.Select(r => r.Picture.Split == LabelledSplit.Train && ClassSplit.IsCalibration(r.Picture.Label)
                ? r with { Picture = r.Picture with { Split = LabelledSplit.Validation } }
                : r)];

    private static void CheckPictures(List<LabelledRow> rows, IReadOnlyCollection<LabelledSplit> needed, LabelledProblems problems)
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (place, picture) in rows)
        {
            if (!seen.TryAdd(picture.Path, place))
            {
                problems.Add("pictures are listed twice", "keep one line for each picture", $"{picture.Name} ({seen[picture.Path]} and {place})");
            }

            if ((picture.Split == LabelledSplit.Distractor || needed.Contains(picture.Split)) && !File.Exists(picture.Path))
            {
                problems.Add("pictures are missing", "paths are relative to the labels file", $"{picture.Name} ({place})");
            }
        }
    }

    private static void CheckOverlap(List<LabelledRow> rows, LabelledProblems problems)
    {
        foreach (var group in rows.Where(r => r.Picture.Split != LabelledSplit.Distractor).GroupBy(r => r.Picture.Class, StringComparer.Ordinal))
        {
            var splits = group.GroupBy(r => r.Picture.Split).ToList();
            if (splits.Count > 1)
            {
                var where = string.Join(" and ", splits.Select(s => $"{Word(s.Key)} ({s.First().Place})"));
                problems.Add("classes lie in more than one of train, val and test", "give all pictures of a class one split", $"{Short(group.Key)} in {where}");
            }
        }
    }

    private static void CheckSingles(List<LabelledRow> rows, IReadOnlyCollection<LabelledSplit> needed, LabelledProblems problems)
    {
        foreach (var group in rows.Where(r => r.Picture.Split != LabelledSplit.Distractor).GroupBy(r => r.Picture.Class, StringComparer.Ordinal))
        {
            if (group.Count() == 1 && needed.Contains(group.First().Picture.Split))
            {
                problems.Add(
                    $"classes of the split {Word(group.First().Picture.Split)} have only one picture",
                    "add a second picture of it, take the line out, or give it the split distractor", $"{Short(group.Key)} ({group.First().Place})");
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
            ? "; without val rows about a fifth of the train classes become validation, which needs some ten classes, so add classes or name val rows yourself"
            : $"; at least two classes with two pictures each must have the split {Word(split)}";
        throw new TooLittleDataException($"{files}: {have} to {verb}{hint}");
    }

    private static string Place(int line, bool severalSets, string set) =>
        severalSets ? string.Create(CultureInfo.InvariantCulture, $"{set} line {line}") : string.Create(CultureInfo.InvariantCulture, $"line {line}");

    private static string Cell(CsvRecord record, int column) => column >= 0 && column < record.Cells.Count ? record.Cells[column] : "";

    private static string Short(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private sealed record LabelledRow(string Place, LabelledPicture Picture);
}
