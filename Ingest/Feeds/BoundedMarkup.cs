using System.Globalization;
using System.Xml;

namespace CpfPipeline.Ingest.Feeds;

/// <summary>
/// The text of an XML file whose parts are of bounded size. The parser holds a tag as a whole, and each name for as long as it reads, so
/// that a file of some kilobytes, compressed, could take all memory.
/// </summary>
/// <param name="text">The file; closed with this one.</param>
/// <param name="maxLength">Characters that the parser may read until it comes to its next part.</param>
internal sealed class BoundedMarkup(TextReader text, int maxLength) : TextReader
{
    private long _lines = 1;
    private int _length;

    /// <summary>The parser came to its next part.</summary>
    public void BeginPart() => _length = 0;

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read(Span<char> buffer) => Count(buffer, text.Read(buffer));

    /// <inheritdoc/>
    public override Task<int> ReadAsync(char[] buffer, int index, int count) => ReadAsync(buffer.AsMemory(index, count)).AsTask();

    /// <inheritdoc/>
    public override async ValueTask<int> ReadAsync(Memory<char> buffer, CancellationToken cancellationToken = default)
    {
        var length = await text.ReadAsync(buffer, cancellationToken);
        return Count(buffer.Span, length);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            text.Dispose();
        }

        base.Dispose(disposing);
    }

    private int Count(ReadOnlySpan<char> buffer, int length)
    {
        _lines += buffer[..length].Count('\n');
        _length += length;
        return _length <= maxLength ? length : throw new FeedFormatException(string.Create(
            CultureInfo.InvariantCulture, $"Before line {_lines + 1}: a tag, an element or a text is longer than {maxLength} characters."));
    }

    /// <summary>Names of elements, attributes and namespaces: together of no more than some characters.</summary>
    /// <param name="maxLength">The characters.</param>
    internal sealed class MarkupNames(int maxLength) : NameTable
    {
        private int _length;

        /// <inheritdoc/>
        public override string Add(string key) => Get(key) ?? base.Add(Counted(key, key.Length));

        /// <inheritdoc/>
        public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? base.Add(Counted(key, len), start, len);

        private T Counted<T>(T key, int length)
        {
            _length += length;
            return _length <= maxLength ? key : throw new FeedFormatException(string.Create(
                CultureInfo.InvariantCulture, $"The names of the elements and attributes have more than {maxLength} characters together."));
        }
    }
}
