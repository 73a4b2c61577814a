using CpfPipeline.Data.Models;
using CpfPipeline.Data.Verdicts;
using CpfPipeline.Learning.Checkpoints;

namespace CpfPipeline.Nights.TrainingSets;

/// <summary>
/// What a run's training set is made from, as the file <c>set.checkpoint</c> in its work folder. Contents that arrive during the training
/// do not change what a resumed run trains on. Contents that have left since leave here too, and the run begins anew. Holds ids, keys
/// and verdicts, but no features.
/// </summary>
internal sealed class TrainingSetPin
{
    public const string FileName = "set.checkpoint";

    private const string Format = "cpf training set 1";

    // No run takes this long: an older file was left by an earlier run in a folder that is used again.
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private readonly CheckpointFile _file;
    private readonly TimeProvider _time;

    /// <param name="folder">The run's own; made at the first write.</param>
    /// <param name="model">The active model when the run began.</param>
    /// <param name="time">Clock.</param>
    public TrainingSetPin(string folder, ServingModel model, TimeProvider time)
    {
        _file = new CheckpointFile(folder, FileName, Format, [.. model.BackboneSha256, .. model.HeadSha256]);
        _time = time;
    }

    /// <summary>The set the run began with, less what has left; else the set of what is stored now.</summary>
    /// <exception cref="IOException">The work folder cannot be used.</exception>
    public TrainingSet Use(List<LiveContent> live, List<ContentKey> keys, List<Verdict> verdicts)
    {
        if (Read() is { } kept)
        {
            var there = live.Where(c => !c.IsPlaceholder).Select(c => c.ContentId).ToHashSet();
            var left = kept.Live.RemoveAll(c => !c.IsPlaceholder && !there.Contains(c.ContentId));
            if (left == 0)
            {
                return TrainingSet.Of(kept.Live, kept.Keys, kept.Verdicts);
            }
        }

        Write(live, keys, verdicts);
        return TrainingSet.Of(live, keys, verdicts);
    }

    private (List<LiveContent> Live, List<ContentKey> Keys, List<Verdict> Verdicts)? Read()
    {
        using var reader = _file.Read(out _);
        if (reader is null || _time.GetUtcNow().UtcTicks - reader.ReadInt64() > Longest.Ticks)
        {
            return null;
        }

        var live = Many(reader, r => new LiveContent(r.ReadInt64(), r.ReadBoolean()));
        var keys = Many(reader, r => new ContentKey(r.ReadInt64(), r.ReadBoolean() ? r.ReadString() : null, r.ReadString()));
        return (live, keys, Many(reader, r => new Verdict(r.ReadInt64(), r.ReadInt64(), r.ReadBoolean())));
    }

    private void Write(List<LiveContent> live, List<ContentKey> keys, List<Verdict> verdicts) => _file.Write(writer =>
    {
        writer.Write(_time.GetUtcNow().UtcTicks);
        Many(live, c =>
        {
            writer.Write(c.ContentId);
            writer.Write(c.IsPlaceholder);
        });
        Many(keys, k =>
        {
            writer.Write(k.ContentId);
            writer.Write(k.Source is not null);
            if (k.Source is not null)
            {
                writer.Write(k.Source);
            }

            writer.Write(k.Key);
        });
        Many(verdicts, v =>
        {
            writer.Write(v.ContentA);
            writer.Write(v.ContentB);
            writer.Write(v.Same);
        });

        void Many<T>(List<T> rows, Action<T> write)
        {
            writer.Write(rows.Count);
            rows.ForEach(write);
        }
    });

    private static List<T> Many<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        var count = reader.ReadInt32();
        var rows = new List<T>(count);
        for (; count > 0; count--)
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
