namespace CpfPipeline.Learning.Evaluation;

/// <summary>
/// Pairs at a threshold, by the classes they come from: what a bootstrap over classes needs. Beyond 2,048 classes they are dealt to that many blocks, which
/// are drawn as one: the memory stays bounded, and so many blocks leave the interval as it is.
/// </summary>
public sealed class ClassPairCounts
{
    public const int MostBlocks = 2_048;

    private readonly long[] _positives;
    private readonly long[] _truePositives;
    private readonly long[] _ownFalsePositives;
    private readonly long[,] _crossFalsePositives;
    private readonly int[] _blockOf;

    /// <param name="set">Its classes; empty ones are never drawn.</param>
    /// <param name="mostBlocks">Blocks at most.</param>
    public ClassPairCounts(EvaluationSet set, int mostBlocks = MostBlocks)
    {
        Blocks = Math.Min(set.ClassCount, mostBlocks);
        _blockOf = new int[set.MembersByClass.Count];
        (_positives, _truePositives, _ownFalsePositives) = (new long[Blocks], new long[Blocks], new long[Blocks]);
        _crossFalsePositives = new long[Blocks, Blocks];
        var next = 0;
        for (var c = 0; c < _blockOf.Length; c++)
        {
            var members = (long)set.MembersByClass[c].Count;
            if (members > 0)
            {
                _blockOf[c] = next++ % Blocks;
                _positives[_blockOf[c]] += members * (members - 1) / 2;
            }
        }
    }

    /// <summary>What is drawn: classes, or blocks of them.</summary>
    public int Blocks { get; }

    /// <summary>Pairs of one class.</summary>
    public long Positives => _positives.Sum();

    public long TruePositives => _truePositives.Sum();

    public long FalsePositives => _ownFalsePositives.Sum() + Cross().Sum(c => c.Count);

    public void AddTruePositives(int ofClass, long count) => _truePositives[_blockOf[ofClass]] += count;

    public void AddFalsePositive(int classA, int classB)
    {
        var (a, b) = (_blockOf[classA], _blockOf[classB]);
        if (a == b)
        {
            _ownFalsePositives[a]++;
        }
        else
        {
            _crossFalsePositives[Math.Min(a, b), Math.Max(a, b)]++;
        }
    }

    /// <summary>A pair of a member and a distractor.</summary>
    public void AddGalleryFalsePositive(int memberClass) => _ownFalsePositives[_blockOf[memberClass]]++;

    public long PositivesOf(int block) => _positives[block];

    public long TruePositivesOf(int block) => _truePositives[block];

    /// <summary>Wrong pairs within a block, and of a block and the distractors.</summary>
    public long OwnFalsePositivesOf(int block) => _ownFalsePositives[block];

    /// <summary>Wrong pairs of two blocks, those there are.</summary>
    public IEnumerable<(int A, int B, long Count)> Cross()
    {
        for (var a = 0; a < Blocks; a++)
        {
            for (var b = a + 1; b < Blocks; b++)
            {
                if (_crossFalsePositives[a, b] > 0)
                {
                    yield return (a, b, _crossFalsePositives[a, b]);
                }
            }
        }
    }
}
