using System.Text;
using CpfPipeline.Data.Ids;
using CpfPipeline.Ingest;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Ingest.Samples;
using CpfPipeline.Vocabulary;
using CsCheck;
using Xunit;

namespace CpfPipeline.Tests.Integration.Ingest.Feeds;

/// <summary>
/// Random sequences of feeds whose rows, pictures in files and keys change or stay, against a naive model: what is not read again shows
/// the same as if it had been.
/// </summary>
public sealed class UnchangedPicturesTests(TestDatabases databases)
{
    private const int Items = 4;

    // Far ahead of the real time, which says when a picture was fetched in this test.
    private static readonly DateTimeOffset Base = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private enum Step
    {
        Keep,
        NewPicture,
        NoFile,
        NoRow,
        NewKey,
    }

    [Fact]
    public async Task Feed_AnySequence_ShowsWhatFilesAndRowsSay()
    {
        await using var harness = new IngestHarness(
            await databases.CreateAsync(),
            new IngestOptions { MaxSnapshotRetractShare = 1, MaxSnapshotRejectedShare = 1, FeedBatchRows = 3 });
        var (hour, unread) = (0, 0);
        var steps = Gen.Frequency((12, Gen.Const(Step.Keep)), (1, Gen.Enum<Step>())).Array[Items];
        await Gen.Select(steps, Gen.Bool).Array[2, 6].SampleAsync(async feeds =>
        {
            await harness.Database.ExecuteAsync("delete from cpf.images; update cpf.feeds set state = 'cancelled'");
            var items = Enumerable.Range(0, Items).Select(_ => new Item()).ToArray();
            var live = new SortedDictionary<int, string>();
            foreach (var (changes, snapshot) in feeds)
            {
                hour++;
                foreach (var (item, i) in items.Select((item, i) => (item, i)))
                {
                    item.Change(changes[i]);
                    Write(harness, i, item, hour);
                }

                var path = harness.Write(
                    "feed.csv",
                    Encoding.UTF8.GetBytes("external_id,uri,product_key\n" + string.Concat(items.Select((item, i) => item.Row(i)))));
                var ended = await harness.RunFeedAsync(path, "csv", snapshot);
                unread += ended.UnchangedSince is null ? 0 : 1;
                for (var i = 0; i < Items; i++)
                {
                    if (items[i] is { IsListed: true, HasFile: true } item)
                    {
                        live[i] = $"{i} key {item.Key} {Content(item.Picture)}";
                    }
                    else if (!items[i].IsListed && snapshot && ended.State == FeedState.Finished)
                    {
                        live.Remove(i);
                    }
                }

                Assert.Equal(live.Values, await LiveAsync(harness));
                await harness.Database.ExecuteAsync(
                    "update cpf.images set fetched_at = $1 where fetched_at < $2", Base.AddHours(hour).AddMinutes(30), Base);
            }
        }, iter: 40, threads: 1);
        Assert.True(unread > 5, $"only {unread} feeds were found unchanged");
    }

    private static void Write(IngestHarness harness, int i, Item item, int hour)
    {
        var path = Path.Combine(harness.Folder, "in", $"{i}.gif");
        if (!item.HasFile)
        {
            File.Delete(path);
        }
        else if (item.IsNew || !File.Exists(path))
        {
            harness.Write($"{i}.gif", TestPictures.Gif(item.Picture));
            File.SetLastWriteTimeUtc(path, Base.AddHours(hour).UtcDateTime);
        }

        item.IsNew = false;
    }

    private static long Content(int picture) =>
        ContentId.FromSha256(System.Security.Cryptography.SHA256.HashData(TestPictures.Gif(picture)));

    private static async Task<IEnumerable<string>> LiveAsync(IngestHarness harness) =>
        (await harness.Database.QueryAsync(
            "select external_id || ' ' || product_key || ' ' || content_id from cpf.images where state = 'stored' order by external_id"))
        .Select(r => (string)r[0]!);

    private sealed class Item
    {
        public int Picture { get; private set; } = 1;

        public int Key { get; private set; }

        public bool IsListed { get; private set; } = true;

        public bool HasFile { get; private set; } = true;

        public bool IsNew { get; set; } = true;

        public void Change(Step step)
        {
            (IsListed, HasFile) = (step != Step.NoRow, step != Step.NoFile);
            Picture += step == Step.NewPicture ? 1 : 0;
            Key += step == Step.NewKey ? 1 : 0;
            IsNew |= step == Step.NewPicture;
        }

        public string Row(int i) => IsListed ? $"{i},{i}.gif,key {Key}\n" : "";
    }
}
