using System.Numerics.Tensors;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Servers;
using CpfPipeline.Vision.Sessions;
using NpgsqlTypes;
using Pgvector;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// A catalogue with features as a backbone gives them: what a product looks like is a direction among many, and what background, light and
/// crop do is a stronger one that a head has to learn to overlook. Products of five pictures with a global key.
/// </summary>
internal sealed class NightCatalogue
{
    public const int PicturesPerProduct = 5;
    private const int Latent = 48;
    private const double Nuisance = 1.1;
    private const double Noise = .4;

    private readonly Random _random;
    private readonly float[][] _directions;
    private readonly int _dim;

    public NightCatalogue(int featureDim, int seed)
    {
        (_random, _dim) = (new Random(seed), featureDim);
        _directions = [.. Enumerable.Range(0, 2 * Latent).Select(_ => Gaussian(featureDim))];
    }

    /// <summary>Features of the pictures of one product.</summary>
    public IEnumerable<Half[]> Product(int pictures)
    {
        var product = Gaussian(Latent);
        for (var i = 0; i < pictures; i++)
        {
            var (circumstances, feature) = (Gaussian(Latent), Gaussian(_dim));
            TensorPrimitives.Multiply(feature, (float)(Noise * Math.Sqrt(Latent)), feature);
            for (var k = 0; k < Latent; k++)
            {
                TensorPrimitives.MultiplyAdd(_directions[k], product[k], feature, feature);
                TensorPrimitives.MultiplyAdd(_directions[Latent + k], (float)Nuisance * circumstances[k], feature, feature);
            }

            var halves = new Half[_dim];
            TensorPrimitives.ConvertToHalf(feature, halves);
            yield return halves;
        }
    }

    /// <summary>Writes contents with images, keys, features and embeddings under a head.</summary>
    /// <param name="servers">The database.</param>
    /// <param name="model">The active model.</param>
    /// <param name="ids">Its backbone and head.</param>
    /// <param name="count">Contents.</param>
    /// <param name="first">Number of the first of them.</param>
    /// <param name="isEmbedded">Whether they have embeddings already; else they wait for the Embedder, who needs no picture.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public async Task<IReadOnlyList<Content>> StoreAsync(
        BenchServers servers, BenchModel model, (long Backbone, long Head) ids, int count, int first, bool isEmbedded,
        CancellationToken cancellationToken)
    {
        var contents = Enumerable.Range(first, count).Select(n => Content.Of(BitConverter.GetBytes(n), "png", 8, 8)).ToArray();
        await Seed.ContentsAsync(servers.DataSource, contents, cancellationToken);
        await using (var keys = servers.DataSource.CreateCommand(
            """
            update cpf.images i set product_key = k.product_key, key_scope = 'global'
            from unnest($1, $2) as k(content_id, product_key)
            where i.content_id = k.content_id
            """))
        {
            keys.CommandTimeout = 0;
            keys.Parameters.Add(new() { Value = contents.Select(c => c.ContentId).ToArray() });
            keys.Parameters.Add(
                new() { Value = Enumerable.Range(0, count).Select(i => $"product {(first + i) / PicturesPerProduct}").ToArray() });
            await keys.ExecuteNonQueryAsync(cancellationToken);
        }

        using var session = new HeadSession(model.Head, new SessionSettings());
        foreach (var chunk in contents.Chunk(2_000 * PicturesPerProduct))
        {
            var features = chunk.Chunk(PicturesPerProduct).SelectMany(p => Product(p.Length)).ToArray();
            await CopyAsync(servers, "cpf.features (backbone_id, content_id, feature)", ids.Backbone, chunk, features, cancellationToken);
            if (!isEmbedded)
            {
                continue;
            }

            var embeddings = new Half[chunk.Length * BenchModel.EmbeddingDim];
            session.Embed([.. features.SelectMany(f => f)], chunk.Length, embeddings, new string?[chunk.Length]);
            await CopyAsync(
                servers, "cpf.embeddings (head_id, content_id, embedding)", ids.Head, chunk,
                [.. embeddings.Chunk(BenchModel.EmbeddingDim)], cancellationToken);
        }

        return contents;
    }

    private static async Task CopyAsync(
        BenchServers servers, string target, long owner, Content[] contents, Half[][] rows, CancellationToken cancellationToken)
    {
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync($"copy {target} from stdin (format binary)", cancellationToken);
        for (var i = 0; i < contents.Length; i++)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(owner, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(new HalfVector(rows[i]), cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }

    private float[] Gaussian(int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i += 2)
        {
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())), 2 * Math.PI * _random.NextDouble());
            values[i] = (float)(radius * Math.Cos(angle));
            if (i + 1 < count)
            {
                values[i + 1] = (float)(radius * Math.Sin(angle));
            }
        }

        return values;
    }
}
