using System.Numerics.Tensors;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.LabelledSets;
using CpfPipeline.Learning.Optimisation;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Copies;
using CpfPipeline.Vision.Decode;
using CpfPipeline.Vision.Models;
using static TorchSharp.torch;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// Largest pairwise F1 at one threshold on validation pictures. Without product keys a class is a picture with edited copies of it
/// (<see cref="EditedCopies"/>, which training does not see).
/// </summary>
internal sealed class TrainingValidation
{
    private const int CopiesEach = 2;

    private readonly DecodedPictures _pictures;
    private readonly int[] _usable;
    private readonly int[] _classes;
    private readonly int _seed;

    private TrainingValidation(DecodedPictures pictures, int[] classes, int seed)
    {
        _pictures = pictures;
        var gone = pictures.Refused.Select(r => r.Picture).ToHashSet();
        _usable = [.. Enumerable.Range(0, classes.Length).Where(i => !gone.Contains(i))];
        _classes = classes;
        _seed = seed;
    }

    public DecodedPictures Pictures => _pictures;

    public int ClassOf(int picture) => _classes[picture];

    /// <exception cref="TooLittleDataException">There are no two pictures of one class, or only one class.</exception>
    public static TrainingValidation Open(
        IReadOnlyList<TrainingPicture> pictures, InputSpec input, FullTrainingOptions options, IPictureDecoder decoder,
        CancellationToken cancellationToken)
    {
        var files = new List<(Func<byte[]> Read, int Class)>();
        for (var i = 0; i < pictures.Count; i++)
        {
            var (path, picture) = (pictures[i].Path, i);
            files.Add((() => File.ReadAllBytes(path), options.CopiesAsPositives ? i : pictures[i].Class));
            if (options.CopiesAsPositives)
            {
                files.AddRange(Enumerable.Range(0, CopiesEach).Select(
                    k => ((Func<byte[]>)(() => Copy(decoder, path, k, options.Seed)), picture)));
            }
        }

        var decoded = DecodedPictures.Open(
            [.. files.Select(f => f.Read)], input, margin: 1, options.MaxCacheBytes, decoder, cancellationToken);
        var result = new TrainingValidation(decoded, [.. files.Select(f => f.Class)], options.Seed);
        var classes = result._usable.GroupBy(i => result._classes[i]).ToList();
        return classes.Count > 1 && classes.Any(c => c.Count() > 1)
            ? result
            : throw new TooLittleDataException(
                $"of {pictures.Count} validation pictures {result._usable.Length} can be used: two classes and two pictures of one are "
                    + $"needed");
    }

    /// <summary>By the present weights.</summary>
    /// <exception cref="LossIsNotFiniteException">Embeddings are no longer finite.</exception>
    public double Measure(ProjectedBackbone net, int step, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var still = no_grad();
        var embeddings = net.Project(net.FeaturesOf(_pictures, _usable, cancellationToken));
        var (values, dimension) = (TensorValues.Read(embeddings), (int)embeddings.shape[1]);
        if (!TensorPrimitives.IsFiniteAll<float>(values))
        {
            throw LossIsNotFiniteException.At(step);
        }

        var matrix = new EmbeddingMatrix(dimension, _usable.Length);
        var row = new Half[dimension];
        for (var i = 0; i < _usable.Length; i++)
        {
            TensorPrimitives.ConvertToHalf(values.AsSpan(i * dimension, dimension), row);
            matrix.Add(i, row);
        }

        return PairCurve.Measure(EvaluationSet.Of(matrix, [.. _usable.Select(i => _classes[i])]), _seed, cancellationToken).BestF1;
    }

    private static byte[] Copy(IPictureDecoder decoder, string path, int which, int seed)
    {
        var bytes = File.ReadAllBytes(path);
        var edit = EditedCopies.Choose(bytes, CopiesEach, seed, EditedCopies.All)[which];

        // A picture that cannot be copied cannot be decoded either: empty bytes are refused just as it would be.
        return EditedCopies.TryMake(decoder, bytes, edit, seed)?.Jpeg ?? [];
    }
}
