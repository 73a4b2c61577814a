using System.Numerics.Tensors;
using CpfPipeline.Learning.Calibration;
using CpfPipeline.Learning.Evaluation;
using CpfPipeline.Learning.Features;
using CpfPipeline.Matching.Embeddings;
using CpfPipeline.Vision.Models;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Learning.DefaultModels;

/// <summary>All pictures of the demonstration and their edited copies, embedded by one head.</summary>
public sealed class BundledEmbeddings
{
    /// <summary>The demonstration's reseller has copies of every seventh picture.</summary>
    private const int CopiedEvery = 7;

    private readonly IReadOnlyList<BundledPicture> _pictures;
    private readonly IReadOnlyList<FeatureExtractor.Family?> _families;
    private readonly Half[][] _rows;
    private readonly int[] _firstRow;
    private readonly int _dimension;

    /// <param name="pictures">All of them.</param>
    /// <param name="families">Features of each and its copies; null where a picture is refused.</param>
    /// <param name="head">Their head.</param>
    public BundledEmbeddings(IReadOnlyList<BundledPicture> pictures, IReadOnlyList<FeatureExtractor.Family?> families, HeadFile head)
    {
        (_pictures, _families, _dimension) = (pictures, families, head.Spec.EmbeddingDim);
        _firstRow = new int[pictures.Count];
        var features = new List<float[]>();
        for (var i = 0; i < pictures.Count; i++)
        {
            _firstRow[i] = features.Count;
            if (families[i] is { } family)
            {
                features.Add(family.Original);
                features.AddRange(family.Copies);
            }
        }

        _rows = Embed(head, features);
    }

    /// <summary>Validation pictures with the copies that a demonstration would have of them: what the threshold is chosen on.</summary>
    public IReadOnlyList<(Half[] Embedding, int Picture, int Class)> Validation()
    {
        var numbers = BundledPicture.Numbered(_pictures.Where(p => p.IsValidation));
        return
        [
            .. Enumerable.Range(0, _pictures.Count).Where(i => _pictures[i].IsValidation)
                .SelectMany(i => RowsOf(i, IsCopied(i)).Select(r => (_rows[r.Row], i, numbers[_pictures[i].Label]))),
        ];
    }

    /// <summary>Test pictures (other vendors' drawings are the pairs to be found) among all other pictures as distractors. Content ids are indices of pictures.</summary>
    public EvaluationSet Test() =>
        Set(Enumerable.Range(0, _pictures.Count).SelectMany(i => RowsOf(i, withCopies: false)), p => p.IsTest);

    /// <summary>Test pictures alone.</summary>
    public EvaluationSet TestAlone() =>
        Set(Enumerable.Range(0, _pictures.Count).Where(i => _pictures[i].IsTest).SelectMany(i => RowsOf(i, withCopies: false)), p => p.IsTest);

    /// <summary>Images of a demonstration: all pictures, and the copies of some.</summary>
    public int DemoImages => Enumerable.Range(0, _pictures.Count).Sum(i => RowsOf(i, IsCopied(i)).Count());

    /// <summary>Copies of test pictures against all pictures.</summary>
    public CopyCalibration TestCopies(double? threshold) => CopyThreshold.Measure(
    [
        .. Enumerable.Range(0, _pictures.Count).SelectMany(i => RowsOf(i, withCopies: true)
            .Select(r => new GalleryRow(i, r.Row > _firstRow[i], _pictures[i].Label, _pictures[i].IsTest, Floats(_rows[r.Row])))),
    ], threshold);

    private static bool IsCopied(int picture) => picture % CopiedEvery == 0;

    private IEnumerable<(int Picture, int Row)> RowsOf(int picture, bool withCopies) => _families[picture] is { } family
        ? Enumerable.Range(_firstRow[picture], withCopies ? 1 + family.Copies.Count : 1).Select(row => (picture, row))
        : [];

    private EvaluationSet Set(IEnumerable<(int Picture, int Row)> rows, Func<BundledPicture, bool> isMember)
    {
        var matrix = new EmbeddingMatrix(_dimension);
        var classes = new List<int>();
        var numbers = BundledPicture.Numbered(_pictures.Where(isMember));
        foreach (var (picture, row) in rows)
        {
            matrix.Add(picture, _rows[row]);
            classes.Add(isMember(_pictures[picture]) ? numbers[_pictures[picture].Label] : EvaluationSet.NoClass);
        }

        return EvaluationSet.Of(matrix, classes);
    }

    private static float[] Floats(Half[] row)
    {
        var floats = new float[row.Length];
        TensorPrimitives.ConvertToSingle(row, floats);
        return floats;
    }

    private static Half[][] Embed(HeadFile head, List<float[]> features)
    {
        using var session = new HeadSession(head, new SessionSettings());
        var (f, d) = (head.Spec.FeatureDim, head.Spec.EmbeddingDim);
        var (input, output, reasons) = (new Half[features.Count * f], new Half[features.Count * d], new string?[features.Count]);
        for (var i = 0; i < features.Count; i++)
        {
            TensorPrimitives.ConvertToHalf(features[i], input.AsSpan(i * f, f));
        }

        session.Embed(input, features.Count, output, reasons);
        return reasons.FirstOrDefault(r => r is not null) is { } reason
            ? throw new ModelFileException($"the head gives nothing usable for a picture: {reason}")
            : [.. output.Chunk(d)];
    }
}
