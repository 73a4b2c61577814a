using System.Globalization;
using CsvHelper;

namespace CpfPipeline.Labels;

/// <summary>
/// Reads labels files: <c>path,label[,split]</c>, paths relative to the file. One reader may read several files; a picture may stand in
/// them once. What is wrong with single rows is collected in <see cref="Faults"/>, so that all of it can be told at once.
/// </summary>
public sealed class LabelsReader
{
    /// <summary>The usual name of a labels file.</summary>
    public const string FileName = "labels.csv";

    private const int BufferCharacters = 64 * 1024;
    private const char Undecodable = '\uFFFD';

    private readonly Dictionary<string, LabelsRow> _first = new(StringComparer.Ordinal);

    /// <summary>
    /// Only labels are wanted, and which rows are distractors: any other word for a split is train, and a picture may be listed again with
    /// the same label. Default: false.
    /// </summary>
    public bool LabelsOnly { get; init; }

    /// <summary>What is wrong with the rows that were read.</summary>
    public LabelsFaults Faults { get; } = new();

    /// <summary>The rows that can be used. A row may lack its label: whether it needs one is up to the reader's user.</summary>
    /// <param name="file">Full path of the file.</param>
    /// <param name="open">Opens the file at its beginning; called twice. UTF-8, or what a byte order mark says.</param>
    /// <param name="set">Name of the set, told with each line; null when there is only one.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="LabelsFileException">There is no header, a column is missing, or a row is too long.</exception>
    public List<LabelsRow> Read(string file, Func<Stream> open, string? set = null, CancellationToken cancellationToken = default)
    {
        var (separator, isEnded) = Survey(open);
        using var text = new StreamReader(open());
        using var records = CsvRecords.Read(text, separator).GetEnumerator();
        if (!MoveNext(records, file))
        {
            throw new LabelsFileException($"{file} is empty; its first line must name the columns: path,label,split");
        }

        var header = records.Current.Cells.Select(c => c.Trim().ToLowerInvariant()).ToList();
        var columns = new Columns(header.IndexOf("path"), header.IndexOf("label"), header.IndexOf("split"));
        if (columns.Path < 0 || columns.Label < 0)
        {
            throw new LabelsFileException(
                $"{file} has no {(columns.Path < 0 ? columns.Label < 0 ? "columns path and label" : "column path" : "column label")}; "
                + $"its first line is \"{Short(string.Join(separator, records.Current.Cells))}\" "
                + "and should name the columns: path,label,split");
        }

        var rows = new List<LabelsRow>();
        var hasNext = MoveNext(records, file);
        while (hasNext)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var record = records.Current;
            var place = Place(record.Line, set);
            hasNext = MoveNext(records, file);
            if (!hasNext && !isEnded && LacksCells(record, columns))
            {
                Faults.Add("lines are cut short by the end of the file", "give the last line a path and a label", place);
            }
            else if (Row(record, columns, header.Count, Path.GetDirectoryName(file)!, place) is { } row)
            {
                rows.Add(row);
            }
        }

        return rows;
    }

    private LabelsRow? Row(CsvRecord record, Columns columns, int width, string folder, string place)
    {
        var (name, label, word) = (record.Cell(columns.Path), record.Cell(columns.Label), record.Cell(columns.Split));
        var cells = name + label + word;
        if (record.IsTorn || record.Cells.Count > width || LacksCells(record, columns) || cells.Contains('\n'))
        {
            Faults.Add(
                "lines are no proper CSV",
                "each needs a path and a label on one line; put values with commas or quotes into quotes and double the quotes within",
                place);
            return null;
        }

        if (cells.Contains('\0') || cells.Contains(Undecodable))
        {
            Faults.Add("lines hold bytes that are no text", "save the file as UTF-8", place);
            return null;
        }

        var split = SplitWords.Find(word) ?? (LabelsOnly ? LabelledSplit.Train : null);
        if (split is null)
        {
            Faults.Add("lines have an unknown split", "it must be train, val, test or distractor", $"{place} \"{Short(word)}\"");
        }

        if (name.Length == 0)
        {
            Faults.Add("lines have no path", "name the picture, relative to the labels file", place);
        }

        if (name.Length == 0 || split is null)
        {
            return null;
        }

        var row = new LabelsRow(place, Path.GetFullPath(name, folder), name, label, split.Value);
        if (_first.TryAdd(row.Path, row))
        {
            return row;
        }

        var first = _first[row.Path];
        if (!LabelsOnly || Key(first) != Key(row))
        {
            Faults.Add("pictures are listed twice", "keep one line for each picture", $"{name} ({first.Place} and {place})");
        }

        return null;
    }

    // What cannot be left out: the path, and the label unless the row is a distractor's.
    private static bool LacksCells(CsvRecord record, Columns columns) =>
        record.Cells.Count <= columns.Path
        || (record.Cells.Count <= columns.Label && SplitWords.Find(record.Cell(columns.Split)) != LabelledSplit.Distractor);

    private static string? Key(LabelsRow row) => row.Split == LabelledSplit.Distractor ? null : row.Label;

    // What separates values, as the header shows it: programs for tables write semicolons where numbers have commas. And whether the last
    // line ends with a line break; a file that was cut has none.
    private static (char Separator, bool IsEnded) Survey(Func<Stream> open)
    {
        using var text = new StreamReader(open());
        var buffer = new char[BufferCharacters];
        var (separator, last) = ('\0', '\n');
        int length;
        while ((length = text.ReadBlock(buffer)) > 0)
        {
            separator = separator == '\0' ? SeparatorOf(new string(buffer, 0, length)) : separator;
            last = buffer[length - 1];
        }

        return (separator == '\0' ? ',' : separator, last is '\n' or '\r');
    }

    private static char SeparatorOf(string beginning)
    {
        var header = beginning.Split('\n', '\r').FirstOrDefault(line => line.Length > 0) ?? "";
        return header.Contains(',') ? ',' : header.Contains(';') ? ';' : header.Contains('\t') ? '\t' : ',';
    }

    private static bool MoveNext(IEnumerator<CsvRecord> records, string file)
    {
        try
        {
            return records.MoveNext();
        }
        catch (CsvFormatException e)
        {
            throw new LabelsFileException($"{file} line {e.LineNumber}: the row is too long; perhaps a quote is left open");
        }
    }

    private static string Place(int line, string? set) =>
        string.Create(CultureInfo.InvariantCulture, $"{(set is null ? "" : set + " ")}line {line}");

    private static string Short(string text) => text.Length <= 80 ? text : text[..77] + "...";

    private sealed record Columns(int Path, int Label, int Split);
}
