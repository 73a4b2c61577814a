namespace CpfPipeline.Tests.EndToEnd.Chaos;

/// <summary>The inputs of a run, made from its seed alone: the calm run gets the same.</summary>
internal static class ChaosInputs
{
    /// <summary>Revision of the images.</summary>
    public const int Revision = 10;

    private const int FeedRows = 12;
    private const int Poisons = 4;

    /// <param name="ids">The images.</param>
    /// <param name="random">Of the seed.</param>
    public static IReadOnlyList<ChaosInput> Make(IReadOnlyList<string> ids, Random random)
    {
        var order = ids.ToArray();
        random.Shuffle(order);
        var inputs = new List<ChaosInput>();
        for (var next = 0; next < order.Length;)
        {
            var kind = (InputKind)random.Next(3);
            var count = Math.Min(kind == InputKind.Feed ? FeedRows : 1, order.Length - next);
            inputs.Add(new(kind, order[next..(next + count)]));
            next += count;
        }

        // Each of these comes somewhere behind the images that it is about.
        var share = Math.Max(1, order.Length / 12);
        var (erased, retracted, named) = (order[..share], order[share..(2 * share)], order[(2 * share)..]);
        foreach (var id in erased)
        {
            Insert(new(InputKind.Erase, [id]));
        }

        foreach (var id in retracted)
        {
            Insert(new(InputKind.Retract, [id]));
        }

        for (var n = 0; n < share; n++)
        {
            var pair = random.GetItems(named, 2);
            if (pair[0] != pair[1])
            {
                Insert(new(InputKind.Late, pair));
                Insert(new(random.Next(2) == 0 ? InputKind.Submit : InputKind.Publish, [pair[0]])); // A duplicate.
            }
        }

        for (var n = 0; n + 1 < named.Length && n < 2 * share; n += 2)
        {
            Insert(new(InputKind.Verdict, named[n..(n + 2)], n % 4 == 0 ? "same" : "different"));
        }

        for (var n = 0; n < Poisons; n++)
        {
            inputs.Insert(random.Next(inputs.Count), new(InputKind.Poison, [], $"poison-{n}"));
        }

        inputs.Insert(inputs.Count * 2 / 3, new(InputKind.Night, []));
        return inputs;

        void Insert(ChaosInput input)
        {
            var behind = inputs.FindLastIndex(i => i.Kind <= InputKind.Feed && i.Ids.Intersect(input.Ids).Any());
            inputs.Insert(random.Next(behind + 1, inputs.Count + 1), input);
        }
    }
}
