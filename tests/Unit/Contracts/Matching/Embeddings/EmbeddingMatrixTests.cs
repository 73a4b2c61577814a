using CpfPipeline.Matching.Embeddings;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Matching.Embeddings;

public sealed class EmbeddingMatrixTests
{
    [Fact]
    public void Add_AnyRowsAndCapacity_AreReadBack() =>
        Gen.Select(Gen.Int[1, 700], Gen.Int[0, 40], Gen.Int[0, 30]).Sample((dimension, rows, capacity) =>
    {
        var matrix = new EmbeddingMatrix(dimension, capacity);
        for (var pass = 0; pass < 2; pass++)
        {
            for (var row = 0; row < rows; row++)
            {
                Assert.Equal(row, matrix.Add(100 - row, Row(dimension, row)));
            }

            Assert.Equal(rows, matrix.Count);
            for (var row = 0; row < rows; row++)
            {
                Assert.Equal(100 - row, matrix.ContentId(row));
                Assert.Equal(Row(dimension, row), matrix.Row(row).ToArray());
            }

            matrix.Clear();
            Assert.Equal(0, matrix.Count);
        }
    }, iter: 100);

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(600)]
    public void Add_ManyChunks_AreReadBack(int capacity)
    {
        // 4096 values a row: 256 rows a chunk.
        var matrix = new EmbeddingMatrix(4096, capacity);
        for (var row = 0; row < 700; row++)
        {
            matrix.Add(row, Row(4096, row));
        }

        for (var row = 0; row < 700; row++)
        {
            Assert.True(Row(4096, row).AsSpan().SequenceEqual(matrix.Row(row)));
        }
    }

    [Theory]
    [InlineData(float.NaN, "not finite")]
    [InlineData(float.PositiveInfinity, "not finite")]
    [InlineData(float.NegativeInfinity, "not finite")]
    [InlineData(4.01f, "squared norm")]
    public void Add_UnusableValue_ThrowsNamingTheContent(float value, string reason)
    {
        foreach (var at in new[] { 0, 5, 17, 18 })
        {
            var row = new Half[19];
            row[at] = (Half)value;
            var matrix = new EmbeddingMatrix(19);
            var exception = Assert.Throws<ArgumentException>(() => matrix.Add(4711, row));
            Assert.Contains("content 4711", exception.Message, StringComparison.Ordinal);
            Assert.Contains(reason, exception.Message, StringComparison.Ordinal);
            Assert.Equal(0, matrix.Count);
        }
    }

    [Fact]
    public void Add_OtherDimension_ThrowsNamingTheContent() =>
        Assert.Contains("content 9", Assert.Throws<ArgumentException>(() => new EmbeddingMatrix(3).Add(9, new Half[2])).Message,
            StringComparison.Ordinal);

    private static Half[] Row(int dimension, int row) =>
        [.. Enumerable.Range(0, dimension).Select(k => (Half)(((row * 31) + k) % 17 / 2048f))];
}
