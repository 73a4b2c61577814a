using System.Text;

namespace CpfPipeline.Learning.LabelledSets;

/// <summary>Reads comma-separated values as RFC 4180 has them: quoted cells with commas, line ends and doubled quotes; LF or CRLF. Empty lines are skipped.</summary>
internal static class CsvRecords
{
    public static IEnumerable<CsvRecord> Read(TextReader reader)
    {
        var (line, start) = (1, 1);
        var (cells, cell) = (new List<string>(), new StringBuilder());
        var (quoted, closed, torn) = (false, false, false);
        for (var c = reader.Read(); c >= 0; c = reader.Read())
        {
            if (quoted)
            {
                line += c == '\n' ? 1 : 0;
                if (c != '"')
                {
                    cell.Append((char)c);
                }
                else if (reader.Peek() == '"')
                {
                    cell.Append((char)reader.Read());
                }
                else
                {
                    (quoted, closed) = (false, true);
                }
            }
            else if (c == '"' && cell.Length == 0 && !closed)
            {
                quoted = true;
            }
            else if (c == ',')
            {
                EndCell();
            }
            else if (c == '\n')
            {
                if (EndRecord() is { } record)
                {
                    yield return record;
                }

                start = ++line;
            }
            else if (c != '\r' || reader.Peek() is not ('\n' or -1))
            {
                torn |= closed;
                cell.Append((char)c);
            }
        }

        torn |= quoted;
        if (EndRecord() is { } last)
        {
            yield return last;
        }

        void EndCell()
        {
            cells.Add(cell.ToString());
            cell.Clear();
            closed = false;
        }

        CsvRecord? EndRecord()
        {
            var isEmpty = cells.Count == 0 && cell.Length == 0 && !closed && !torn;
            EndCell();
            var record = isEmpty ? null : new CsvRecord(start, [.. cells], torn);
            cells.Clear();
            torn = false;
            return record;
        }
    }
}
