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
    private const int ProductsAtOnce = 1_000;

    private readonly int _seed;
    private readonly float[][] _directions;
    private readonly int _dim;

    public NightCatalogue(int featureDim, int seed)
    {
        (_seed, _dim) = (seed, featureDim);
        var random = new Random(seed);
        _directions = [.. Enumerable.Range(0, 2 * Latent).Select(_ => Gaussian(random, featureDim))];
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
        await Seed.ContentsAsync(
            servers.DataSource, contents, i => $"product {(first + i) / PicturesPerProduct}", cancellationToken);
        using var session = new HeadSession(model.Head, new SessionSettings());
        await Parallel.ForEachAsync(
            contents.Chunk(ProductsAtOnce * PicturesPerProduct).Select((chunk, i) => (Chunk: chunk, Seed: SeedOf(first, i))),
            new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken },
            async (part, token) =>
            {
                var random = new Random(part.Seed);
                var features = part.Chunk.Chunk(PicturesPerProduct).SelectMany(p => Product(random, p.Length)).ToArray();
                await CopyAsync(servers, "cpf.features (backbone_id, content_id, feature)", ids.Backbone, part.Chunk, features, token);
                if (!isEmbedded)
                {
                    return;
                }

                var embeddings = new Half[part.Chunk.Length * BenchModel.EmbeddingDim];
                session.Embed([.. features.SelectMany(f => f)], part.Chunk.Length, embeddings, new string?[part.Chunk.Length]);
                await CopyAsync(
                    servers, "cpf.embeddings (head_id, content_id, embedding)", ids.Head, part.Chunk,
                    [.. embeddings.Chunk(BenchModel.EmbeddingDim)], token);
            });
        return contents;
    }

    private int SeedOf(int first, int chunk) => unchecked((_seed * 31) + (first * 17) + chunk);

    private static async Task CopyAsync(
        BenchServers servers, string target, long owner, Content[] contents, Half[][] rows, CancellationToken cancellationToken)
    {
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        await using var writer = await connection.BeginBinaryImportAsync($"copy {target} from stdin (format binary)", cancellationToken);
        writer.Timeout = TimeSpan.Zero;
        for (var i = 0; i < contents.Length; i++)
        {
            await writer.StartRowAsync(cancellationToken);
            await writer.WriteAsync(owner, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(contents[i].ContentId, NpgsqlDbType.Bigint, cancellationToken);
            await writer.WriteAsync(new HalfVector(rows[i]), cancellationToken);
        }

        await writer.CompleteAsync(cancellationToken);
    }

    // Features of the pictures of one product.
    private IEnumerable<Half[]> Product(Random random, int pictures)
    {
        var product = Gaussian(random, Latent);
        for (var i = 0; i < pictures; i++)
        {
            var (circumstances, feature) = (Gaussian(random, Latent), Gaussian(random, _dim));
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

    private static float[] Gaussian(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i += 2)
        {
            var (radius, angle) = (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())), 2 * Math.PI * random.NextDouble());
            values[i] = (float)(radius * Math.Cos(angle));
            if (i + 1 < count)
            {
                values[i + 1] = (float)(radius * Math.Sin(angle));
            }
        }

        return values;
    }
}
