using CpfPipeline.Learning.Augmentation;
using CpfPipeline.Learning.Samplers;

namespace CpfPipeline.Learning.FullDepth;

/// <summary>
/// Which pictures make up each batch: K classes with M pictures, or M copies of one picture where the options say so or a class has fewer. The sequence
/// depends on labels, options and seed alone; a resumed run skips what has been.
/// </summary>
internal sealed class BatchPlan
{
    // Apart from the streams that augment pictures, which have indices from 0.
    private const int CopyStream = -1;

    private readonly IReadOnlyList<int> _pictures;
    private readonly int[] _labels;
    private readonly int[] _classSizes;
    private readonly FullTrainingOptions _options;
    private readonly ClassSampler _sampler;
    private int _step;

    /// <param name="pictures">Indices of the usable pictures.</param>
    /// <param name="classes">Class of each of them, 0..C-1.</param>
    /// <param name="options">K, M and where copies stand in.</param>
    public BatchPlan(IReadOnlyList<int> pictures, IReadOnlyList<int> classes, FullTrainingOptions options)
    {
        _pictures = pictures;
        _options = options;
        _labels = options.CopiesAsPositives ? [.. Enumerable.Range(0, pictures.Count)] : [.. classes];
        _classSizes = new int[_labels.Max() + 1];
        foreach (var label in _labels)
        {
            _classSizes[label]++;
        }

        _sampler = new ClassSampler(_labels, options.ClassesPerBatch, options.PicturesPerClass, options.Seed);
    }

    /// <summary>C.</summary>
    public int ClassCount => _classSizes.Length;

    /// <summary>Indices of the usable pictures.</summary>
    public IReadOnlyList<int> Pictures => _pictures;

    /// <summary>Label of each of them.</summary>
    public IReadOnlyList<int> Labels => _labels;

    public int StepsPerEpoch => _sampler.BatchesPerEpoch;

    public void Skip(int steps)
    {
        for (; steps > 0; steps--, _step++)
        {
            _sampler.Next();
        }
    }

    public PlannedPicture[] Next()
    {
        var drawn = _sampler.Next();
        var batch = new List<PlannedPicture>(_options.ClassesPerBatch * _options.PicturesPerClass);
        var draws = new AugmentationDraws(_options.Seed, _step++, CopyStream);
        for (var at = 0; at < drawn.Length;)
        {
            var label = _labels[drawn[at]];
            var given = Math.Min(_options.PicturesPerClass, _classSizes[label]);
            var used = draws.Happens(_options.CopyShare) ? 1 : given;
            for (var i = 0; i < _options.PicturesPerClass; i++)
            {
                batch.Add(new PlannedPicture(_pictures[drawn[at + (i % used)]], label, i / used));
            }

            at += given;
        }

        return [.. batch];
    }
}
