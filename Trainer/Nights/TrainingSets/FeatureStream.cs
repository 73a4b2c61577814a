using System.Buffers.Binary;
using System.Globalization;
using CpfPipeline.Data.Embeddings;
using Npgsql;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>Streams stored vectors of chosen contents by binary COPY into one array, without an object per vector.</summary>
internal static class FeatureStream
{
    private const int BufferBytes = 1 << 20;
    private const int CopyHeaderBytes = 19;

    // Column count, length and value of the id, length of the vector.
    private const int RowHeaderBytes = 2 + 12 + 4;

    /// <summary>Reads features of a backbone.</summary>
    /// <param name="connection">Connection, in the caller's transaction if there is one.</param>
    /// <param name="backboneId">The backbone.</param>
    /// <param name="dimension">Values a feature.</param>
    /// <param name="rowOf">Row of each content that is wanted.</param>
    /// <param name="values"><c>[N,F] half</c>: receives each feature at its row.</param>
    /// <param name="progress">Receives how many were read.</param>
    /// <param name="cancellationToken">Stops between packets.</param>
    /// <exception cref="InvalidDataException">A wanted content has no feature, or one of another dimension.</exception>
    public static Task ReadFeaturesAsync(
        NpgsqlConnection connection, long backboneId, int dimension, IReadOnlyDictionary<long, int> rowOf, Memory<Half> values,
        Action<int>? progress,
        CancellationToken cancellationToken) =>
        ReadAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"feature from cpf.features s where s.backbone_id = {backboneId}"),
            dimension, rowOf, values, progress, cancellationToken);

    /// <summary>As <see cref="ReadFeaturesAsync"/>, embeddings of a head.</summary>
    /// <exception cref="InvalidDataException">A wanted content has no embedding, or one of another dimension.</exception>
    public static Task ReadEmbeddingsAsync(
        NpgsqlConnection connection, long headId, int dimension, IReadOnlyDictionary<long, int> rowOf, Memory<Half> values,
        Action<int>? progress,
        CancellationToken cancellationToken) =>
        ReadAsync(
            connection, string.Create(CultureInfo.InvariantCulture, $"embedding from cpf.embeddings s where s.head_id = {headId}"),
            dimension, rowOf, values, progress, cancellationToken);

    // COPY takes no parameters. Only numbers are put into the text. A catalogue may be many times as large as what is wanted of it.
    private static async Task ReadAsync(
        NpgsqlConnection connection, string vectors, int dimension, IReadOnlyDictionary<long, int> rowOf, Memory<Half> values,
        Action<int>? progress,
        CancellationToken cancellationToken)
    {
        var ids = string.Join(',', rowOf.Keys.Select(id => id.ToString(CultureInfo.InvariantCulture)));
        var sql =
            $"copy (select s.content_id, s.{vectors} and s.content_id in (select unnest('{{{ids}}}'::bigint[]))) to stdout (format binary)";
        await using var copy = await connection.BeginRawBinaryCopyAsync(sql, cancellationToken);
        copy.ReadTimeout = Timeout.Infinite; // The first row of a large catalogue takes its time.
        var rowBytes = RowHeaderBytes + HalfvecBinary.Length(dimension);
        var buffer = new byte[Math.Max(BufferBytes, 2 * rowBytes)];
        var (start, end, ended, found) = (0, 0, false, 0);
        var skip = CopyHeaderBytes;
        while (true)
        {
            var read = await copy.ReadAsync(buffer.AsMemory(end), cancellationToken);
            if (read == 0)
            {
                break;
            }

            end += read;
            if (skip > 0 && end >= skip)
            {
                (start, skip) = (skip, 0);
            }

            while (skip == 0 && !ended && end - start >= 2)
            {
                ended = BinaryPrimitives.ReadInt16BigEndian(buffer.AsSpan(start)) < 0;
                if (ended || end - start < rowBytes)
                {
                    break;
                }

                found += Take(buffer.AsSpan(start, rowBytes), dimension, rowOf, values.Span) ? 1 : 0;
                start += rowBytes;
            }

            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            progress?.Invoke(found);
        }

        if (!ended)
        {
            throw new EndOfStreamException("The copy of stored vectors ended before its trailer.");
        }

        if (found != rowOf.Count)
        {
            throw new InvalidDataException($"Of {rowOf.Count} contents only {found} have a stored vector.");
        }
    }

    private static bool Take(ReadOnlySpan<byte> row, int dimension, IReadOnlyDictionary<long, int> rowOf, Span<Half> values)
    {
        if (BinaryPrimitives.ReadInt32BigEndian(row[14..]) != row.Length - RowHeaderBytes)
        {
            throw new InvalidDataException("A stored vector has another dimension than it should.");
        }

        if (!rowOf.TryGetValue(BinaryPrimitives.ReadInt64BigEndian(row[6..]), out var at))
        {
            return false;
        }

        HalfvecBinary.Read(row[RowHeaderBytes..], values.Slice(checked(at * dimension), dimension));
        return true;
    }
}
