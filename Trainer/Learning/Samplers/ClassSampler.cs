namespace CpfPipeline.Learning.Samplers;

/// <summary>
/// Batches of K different classes with M pictures each. Classes come from a shuffled queue, so each is seen once before any is seen again; the pictures of a
/// class likewise. A class with fewer than M pictures gives all it has: no class is left out, none is padded.
/// </summary>
internal sealed class ClassSampler
{
    private readonly int[][] _pictures;
    private readonly int[] _next;
    private readonly Queue<int> _classes = new();
    private readonly int _classesPerBatch;
    private readonly int _picturesPerClass;
    private readonly Random _random;

    /// <param name="labels">Class index of each picture, 0..C-1; a class may be empty.</param>
    /// <param name="classesPerBatch">K; at most the number of classes is used.</param>
    /// <param name="picturesPerClass">M.</param>
    /// <param name="seed">Same seed, same batches.</param>
    public ClassSampler(IReadOnlyList<int> labels, int classesPerBatch, int picturesPerClass, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classesPerBatch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(picturesPerClass, 1);
        _pictures = [.. Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key).Select(g => g.ToArray())];
        if (_pictures.Length == 0)
        {
            throw new ArgumentException("there are no pictures to sample from", nameof(labels));
        }

        _next = new int[_pictures.Length];
        _classesPerBatch = Math.Min(classesPerBatch, _pictures.Length);
        _picturesPerClass = picturesPerClass;
        _random = new Random(seed);
        foreach (var pictures in _pictures)
        {
            _random.Shuffle(pictures);
        }
    }

    /// <summary>Batches after which as many pictures have been drawn as there are.</summary>
    public int BatchesPerEpoch
    {
        get
        {
            // With small classes a batch holds fewer than K x M.
            var drawn = _pictures.Average(p => (double)Math.Min(p.Length, _picturesPerClass)) * _classesPerBatch;
            return (int)Math.Ceiling(_pictures.Sum(p => p.Length) / drawn);
        }
    }

    /// <summary>Indices of the next batch's pictures, class after class.</summary>
    public int[] Next()
    {
        var batch = new List<int>(_classesPerBatch * _picturesPerClass);
        var taken = new HashSet<int>();
        while (taken.Count < _classesPerBatch)
        {
            if (_classes.Count == 0)
            {
                Refill(taken);
            }

            var c = _classes.Dequeue();
            taken.Add(c);
            Take(c, batch);
        }

        return [.. batch];
    }

    // A round may end amid a batch: what that batch holds already comes last in the next one, so that no class is in it twice.
    private void Refill(HashSet<int> taken)
    {
        var order = Enumerable.Range(0, _pictures.Length).ToArray();
        _random.Shuffle(order);
        foreach (var c in order.OrderBy(taken.Contains))
        {
            _classes.Enqueue(c);
        }
    }

    private void Take(int c, List<int> batch)
    {
        var pictures = _pictures[c];
        var count = Math.Min(_picturesPerClass, pictures.Length);
        var left = Math.Min(count, pictures.Length - _next[c]);
        batch.AddRange(pictures.AsSpan(_next[c], left));
        _next[c] += left;
        if (left < count)
        {
            // The round ends amid the batch: what was just taken comes last in the next one, so that no picture is taken twice.
            _random.Shuffle(pictures.AsSpan(..^left));
            _random.Shuffle(pictures.AsSpan(pictures.Length - left));
            _next[c] = count - left;
            batch.AddRange(pictures.AsSpan(0, _next[c]));
        }
    }
}
