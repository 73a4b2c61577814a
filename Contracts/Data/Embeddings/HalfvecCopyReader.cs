using System.Buffers.Binary;
using Npgsql;

namespace CpfPipeline.Data.Embeddings;

/// <summary>
/// Reads a binary COPY of rows of some bigints followed by one halfvec, without an object per row: 100,000 x 256 in well under a second.
/// </summary>
public sealed class HalfvecCopyReader : IAsyncDisposable
{
    private const int BufferBytes = 1 << 20;
    private const int CopyHeaderBytes = 19;
    private readonly NpgsqlRawCopyStream _copy;
    private readonly int _rowBytes;
    private readonly byte[] _buffer;
    private readonly Half[] _values;
    private int _start;
    private int _end;
    private bool _headerRead;

    private HalfvecCopyReader(NpgsqlRawCopyStream copy, int ids, int dimension)
    {
        _copy = copy;
        _rowBytes = 2 + (12 * ids) + 4 + HalfvecBinary.Length(dimension);
        _buffer = new byte[Math.Max(BufferBytes, 2 * _rowBytes)];
        _values = new Half[dimension];
    }

    /// <summary>The halfvec of the current row, valid until the next row is read.</summary>
    public ReadOnlySpan<Half> Values => _values;

    /// <param name="connection">Connection; busy until this is disposed.</param>
    /// <param name="sql"><c>copy (...) to stdout (format binary)</c>.</param>
    /// <param name="ids">Bigints before the halfvec, none null.</param>
    /// <param name="dimension">Dimension of the halfvec.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<HalfvecCopyReader> OpenAsync(
        NpgsqlConnection connection, string sql, int ids, int dimension, CancellationToken cancellationToken)
    {
        var copy = await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
        copy.ReadTimeout = Timeout.Infinite; // The first row of a large catalogue takes its time.
        return new HalfvecCopyReader(copy, ids, dimension);
    }

    /// <summary>A bigint of the current row.</summary>
    public long Id(int column) => BinaryPrimitives.ReadInt64BigEndian(_buffer.AsSpan(_start - _rowBytes + 6 + (12 * column)));

    /// <summary>Moves to the next row. Returns false after the last one.</summary>
    /// <exception cref="InvalidDataException">A vector has another dimension.</exception>
    /// <exception cref="EndOfStreamException">The copy ended before its trailer.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        if (!_headerRead)
        {
            await FillAsync(CopyHeaderBytes, cancellationToken);
            (_start, _headerRead) = (CopyHeaderBytes, true);
        }

        await FillAsync(2, cancellationToken);
        if (BinaryPrimitives.ReadInt16BigEndian(_buffer.AsSpan(_start)) < 0)
        {
            return false;
        }

        await FillAsync(_rowBytes, cancellationToken);
        var vector = _buffer.AsSpan(_start, _rowBytes)[^HalfvecBinary.Length(_values.Length)..];
        if (BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(_start + _rowBytes - vector.Length - 4)) != vector.Length)
        {
            throw new InvalidDataException($"A stored vector does not have the dimension {_values.Length}.");
        }

        HalfvecBinary.Read(vector, _values);
        _start += _rowBytes;
        return true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _copy.DisposeAsync();

    private async ValueTask FillAsync(int bytes, CancellationToken cancellationToken)
    {
        if (_end - _start >= bytes)
        {
            return;
        }

        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        while (_end < bytes)
        {
            var read = await _copy.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _end += read > 0 ? read : throw new EndOfStreamException("The copy ended before its trailer.");
        }
    }
}
