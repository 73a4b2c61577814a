using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>What a run keeps about its training set.</summary>
/// <param name="SnapshotId">
/// SHA-256 over backbone, contents, classes, uses, separations and the size of the catalogue, hexadecimal: with equal ids, options and
/// machine come equal heads.
/// </param>
/// <param name="CountsJson">Contents, classes, pairs, and what was left out and why, as a JSON object.</param>
public sealed record TrainingSetFacts(string SnapshotId, string CountsJson)
{
    /// <summary>See <see cref="LearningSource"/>.</summary>
    internal string LearnedFrom { get; private init; } = LearningSource.Keys;

    public static TrainingSetFacts Of(TrainingSet set, ReadOnlySpan<byte> backboneSha256) =>
        new(Snapshot(set, backboneSha256), Counts(set).ToJsonString()) { LearnedFrom = set.Counts.LearnedFrom };

    private static string Snapshot(TrainingSet set, ReadOnlySpan<byte> backboneSha256)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(backboneSha256);
        Append($"{set.CatalogueSize} {set.Count}");
        for (var i = 0; i < set.Classes.Count; i++)
        {
            // Lengths keep two keys apart from one that holds both.
            var (c, fitted) = (set.Classes[i], set.IsFitted[i]);
            var (source, key) = (c.Key?.Source, c.Key?.Key);
            Append($"class {source?.Length ?? -1} {source} {key?.Length ?? -1} {key} {c.Scope} {c.Use} {fitted} {c.ContentIds.Count}");
        }

        foreach (var (a, b) in set.Separations)
        {
            Append($"apart {a} {b}");
        }

        hash.AppendData(System.Runtime.InteropServices.MemoryMarshal.AsBytes(set.ContentIds.AsSpan()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(FormattableString text) => hash.AppendData(Encoding.UTF8.GetBytes(text.ToString(CultureInfo.InvariantCulture) + "\n"));
    }

    private static JsonObject Counts(TrainingSet set)
    {
        var (counts, splits) = (set.Counts, new JsonObject());
        foreach (var use in Enum.GetValues<ClassUse>())
        {
            var classes = set.Classes.Where(c => c.Use == use).ToList();
            splits[use.ToString().ToLowerInvariant()] = new JsonObject
            {
                ["classes"] = classes.Count,
                ["classes_with_pairs"] = classes.Count(c => c.Pairs > 0),
                ["contents"] = classes.Sum(c => c.ContentIds.Count),
                ["pairs"] = classes.Sum(c => c.Pairs),
            };
        }

        return new JsonObject
        {
            ["learned_from"] = counts.LearnedFrom,
            ["contents"] = counts.Live,
            ["labelled"] = set.Classes.Sum(c => c.ContentIds.Count),
            ["classes"] = set.Classes.Count,
            ["pairs"] = set.Classes.Sum(c => c.Pairs),
            ["splits"] = splits,
            ["unknown"] = set.Unlabelled,
            ["placeholders"] = counts.Placeholders,
            ["conflicts"] = new JsonObject { ["keys"] = counts.KeyConflicts, ["verdicts"] = counts.VerdictConflicts },
            ["same_verdicts"] = counts.SameVerdicts,
            ["hard_negatives"] = counts.HardNegatives,
            ["dropped_verdicts"] = counts.DroppedVerdicts,
            ["unused_verdicts"] = counts.UnusedVerdicts,
            ["left_out_classes"] = set.LeftOutClasses,
            ["only_compared_classes"] = Enumerable.Range(0, set.Classes.Count)
                .Count(i => set.Classes[i].Use != ClassUse.Test && !set.IsFitted[i]),
        };
    }
}
