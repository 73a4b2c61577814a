using System.Globalization;
using System.Text;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using RabbitMQ.Client;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Pipeline;

/// <summary>
/// The central promise on real processes: the same feed in any order, twice over, with stale messages in between, on three Matchers that
/// are each killed once with messages in their hands, gives byte for byte the same groups. <c>CPF_PARTITION_IMAGES</c> and
/// <c>CPF_PARTITION_ORDERS</c> make it larger (the acceptance: 5000 and 5).
/// </summary>
public sealed class PartitionTests
{
    private static readonly string[] Vendors = ["google", "twitter", "openmoji", "fluent3d"];

    [Fact]
    public async Task Groups_AnyOrderTwiceStaleMessagesThreeMatchersKilled_AreByteIdentical()
    {
        var images = Setting("CPF_PARTITION_IMAGES", 240);
        var orders = Setting("CPF_PARTITION_ORDERS", 2);
        var folder = Directory.CreateTempSubdirectory("cpf-e2e-partition-").FullName;
        try
        {
            var rows = await FillAsync(folder, images);
            Assert.Equal(images, rows.Count);
            var answers = new List<string>();
            for (var order = 0; order < orders; order++)
            {
                answers.Add(await RunAsync(folder, rows, new Random(order)));
            }

            Assert.Contains("\"group_id\"", answers[0], StringComparison.Ordinal);
            Assert.All(answers, answer => Assert.Equal(answers[0], answer));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> RunAsync(string folder, List<string> rows, Random random)
    {
        await using var stack = await Stack.UpAsync(new() { ["Ingest__FileRoots__0"] = folder });
        await using var second = await ExtraMatcher.StartAsync(stack);
        await using var third = await ExtraMatcher.StartAsync(stack);

        // A third of the feed for each: the three die one after the other, each with messages in its hands.
        var thirds = rows.OrderBy(_ => random.Next()).Chunk((rows.Count + 2) / 3).ToArray();
        await SubmitAsync(thirds[0], () => second.KillWithMessagesAndRestartAsync(stack));
        await SubmitAsync(thirds[1], async () =>
        {
            await BrokerWork.KillMatcherWithMessagesAsync(stack, await stack.PidAsync("Matcher"));
            (await stack.RunAsync("up")).Expect(0);
        });
        await PublishStaleAsync(stack, folder, rows, random);
        await SubmitAsync(thirds[2], () => third.KillWithMessagesAndRestartAsync(stack));
        await PublishStaleAsync(stack, folder, rows, random);

        (await stack.RunAsync("submit", WriteFeed(folder, rows, random), "--source", "feed")).Expect(0);
        await Stack.UntilAsync(async () =>
            await BrokerWork.MessagesAsync(stack.Home, "cpf.submit-image") == 0, "the stale messages are dealt with");
        Assert.Equal(rows.Count, await MatchedAsync(stack));
        Assert.Equal(
            rows.Count, (await stack.QueryAsync<long>("select count(*) from cpf.images where source = 'feed' and revision = 10"))[0]);
        return await stack.GroupsAsync();

        async Task SubmitAsync(string[] part, Func<Task> meanwhile)
        {
            var submit = stack.Begin("submit", WriteFeed(folder, [.. part], random), "--source", "feed");
            await meanwhile();
            (await submit).Expect(0);
        }
    }

    /// <summary>Pictures of four vendors and edited copies of some, as rows <c>external_id,uri</c>.</summary>
    private static async Task<List<string>> FillAsync(string folder, int images)
    {
        foreach (var vendor in Vendors)
        {
            var own = Directory.CreateDirectory(Path.Combine(folder, vendor)).FullName;
            PictureFolder.Fill(own, vendor, images / 5);
            if (vendor == Vendors[0])
            {
                await PictureFolder.AddCopiesAsync(own, every: 2);
            }
        }

        return [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Take(images)
            .Select(f => Path.GetRelativePath(folder, f))];
    }

    private static string WriteFeed(string folder, List<string> rows, Random random)
    {
        var shuffled = rows.ToArray();
        random.Shuffle(shuffled);
        var path = Path.Combine(folder, $"feed-{random.Next()}.csv");
        File.WriteAllLines(path, shuffled.Select(r => $"{r},{r},10").Prepend("external_id,uri,revision"));
        return path;
    }

    /// <summary>Older revisions of some images, with other pictures, as a broker that redelivers late would bring them.</summary>
    private static async Task PublishStaleAsync(Stack stack, string folder, List<string> rows, Random random)
    {
        var factory = new ConnectionFactory { Uri = stack.RabbitMq };
        await using var connection = await factory.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        for (var i = 0; i < rows.Count / 10; i++)
        {
            var id = rows[random.Next(rows.Count)];
            var other = new Uri(Path.Combine(folder, rows[random.Next(rows.Count)])).AbsoluteUri;
            var known = await stack.QueryAsync<long>(
                "select count(*) from cpf.images where source = 'feed' and external_id = $1 and revision = 10", id);
            if (known[0] == 1)
            {
                var body = $$"""{"source":"feed","externalId":"{{id}}","uri":"{{other}}","revision":9}""";
                await channel.BasicPublishAsync(string.Empty, "cpf.submit-image", Encoding.UTF8.GetBytes(body));
            }
        }
    }

    private static async Task<int> MatchedAsync(Stack stack) =>
        (int)(await stack.QueryAsync<long>("select count(*) from cpf.image_status where source = 'feed' and status = 'matched'"))[0];

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : usual;
}
