using System.Text;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// Records of delimited text as RFC 4180 has it: a field that begins with a quote ends with one, doubled quotes within it stand for one, and
/// it may hold delimiters and line ends. Elsewhere a quote is a character like any other. Blank lines are skipped.
/// </summary>
internal sealed class DelimitedRecords(TextReader text, char delimiter, int maxRecordLength)
{
    private readonly char[] _buffer = new char[32 * 1024];
    private readonly StringBuilder _field = new();
    private int _at;
    private int _length;

    /// <summary>Line on which the record read last began, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether a quoted field of the record read last was followed by something else than a delimiter, or never ended.</summary>
    public bool HasStrayQuote { get; private set; }

    private long NextLine { get; set; } = 1;

    /// <summary>The next record's fields, or null at the end.</summary>
    /// <exception cref="FeedFormatException">The record is longer than the limit: most likely a quote is left open.</exception>
    public async Task<string[]?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Line = NextLine;
            HasStrayQuote = false;
            var fields = new List<string>();
            if (!await ReadRecordAsync(fields, cancellationToken))
            {
                return null;
            }

            if (fields.Count > 1 || fields[0].Length > 0)
            {
                return [.. fields];
            }
        }
    }

    private async Task<bool> ReadRecordAsync(List<string> fields, CancellationToken cancellationToken)
    {
        var (state, length, any) = (State.FieldStart, 0, false);
        _field.Clear();
        while (true)
        {
            if (_at == _length)
            {
                (_at, _length) = (0, await text.ReadAsync(_buffer, cancellationToken));
            }

            if (_length == 0)
            {
                HasStrayQuote |= state == State.Quoted;
                Finish(fields);
                return any;
            }

            any = true;
            while (_at < _length)
            {
                var c = _buffer[_at++];
                NextLine += c == '\n' ? 1 : 0;
                if (++length > maxRecordLength)
                {
                    throw new FeedFormatException($"Line {Line}: a row is longer than {maxRecordLength} characters; perhaps a quote is left open.");
                }

                switch (state)
                {
                    case State.Quoted when c == '"':
                        state = State.QuoteInQuoted;
                        break;
                    case State.Quoted:
                        _field.Append(c);
                        break;
                    case State.QuoteInQuoted when c == '"':
                        _field.Append(c);
                        state = State.Quoted;
                        break;
                    case State.FieldStart when c == '"':
                        state = State.Quoted;
                        break;
                    case var _ when c == delimiter:
                        Finish(fields);
                        state = State.FieldStart;
                        break;
                    case var _ when c == '\n':
                        Finish(fields);
                        return true;
                    case State.QuoteInQuoted when c != '\r':
                        HasStrayQuote = true;
                        _field.Append('"').Append(c);
                        state = State.Plain;
                        break;
                    default:
                        _field.Append(c);
                        state = state == State.QuoteInQuoted ? state : State.Plain;
                        break;
                }
            }
        }
    }

    private void Finish(List<string> fields)
    {
        if (_field.Length > 0 && _field[^1] == '\r')
        {
            _field.Length--;
        }

        fields.Add(_field.ToString());
        _field.Clear();
    }

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }
}
