using System.Text;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>Lines of text with a maximum length.</summary>
internal sealed class BoundedLines(TextReader text, int maxLength)
{
    private readonly char[] _buffer = new char[16 * 1024];
    private int _at;
    private int _length;

    /// <summary>Number of the line read last, from 1.</summary>
    public long Number { get; private set; }

    /// <summary>The next line without its end, or null.</summary>
    /// <exception cref="FeedFormatException">The line is too long.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        StringBuilder? begun = null;
        while (true)
        {
            if (_at == _length)
            {
                (_at, _length) = (0, await text.ReadAsync(_buffer, cancellationToken));
                if (_length == 0)
                {
                    Number++;
                    return begun?.ToString();
                }
            }

            var end = Array.IndexOf(_buffer, '\n', _at, _length - _at);
            var piece = _buffer.AsSpan(_at, (end < 0 ? _length : end) - _at);
            if (end >= 0 && begun is null)
            {
                _at = end + 1;
                Number++;
                return piece.ToString().TrimEnd('\r');
            }

            begun ??= new StringBuilder();
            begun.Append(piece);
            if (begun.Length > maxLength)
            {
                throw new FeedFormatException($"Line {Number + 1} is longer than {maxLength} characters.");
            }

            _at = end < 0 ? _length : end + 1;
            if (end >= 0)
            {
                Number++;
                return begun.ToString().TrimEnd('\r');
            }
        }
    }
}
