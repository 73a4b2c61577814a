using System.Globalization;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Oracle;
using Npgsql;
using Pgvector;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>
/// A database with one active model, contents and images as Ingest and the Embedder would leave them, and the oracle's view of it.
/// </summary>
internal sealed class Catalogue(TestDatabase database, int dimension, double threshold)
{
    // By head: what a content looks like under it is made from what it looks like under the first.
    private readonly Dictionary<long, Func<long, Half[], Half[]>> _heads = [];
    private readonly Dictionary<long, Half[]> _embeddings = [];
    private readonly Dictionary<string, long> _images = [];
    private readonly Dictionary<(long A, long B), bool> _verdicts = [];

    public TestDatabase Database => database;

    public ServingModel Model { get; private set; } = null!;

    public double Threshold => threshold;

    public static async Task<Catalogue> CreateAsync(TestDatabase database, int dimension, double threshold)
    {
        var catalogue = new Catalogue(database, dimension, threshold);
        await catalogue.ActivateAsync(threshold, head: 1);
        return catalogue;
    }

    /// <summary>Registers and activates a model on the head of that number.</summary>
    public async Task ActivateAsync(double tau, byte head)
    {
        var store = new ModelStore(database.DataSource);
        byte[] headHash = [.. Enumerable.Repeat(head, 32)];
        await store.RegisterActiveAsync(
            new NewModel(new byte[32], 8, "{}", headHash, dimension, tau, "{}"), (_, _) => [], TestContext.Current.CancellationToken);
        Model = (await store.GetActiveAsync(TestContext.Current.CancellationToken))!;
        _heads.TryAdd(Model.HeadId, (_, embedding) => embedding);
    }

    /// <summary>Registers a model, fills its partition, makes it the shadow and asks for its groups: what the Trainer does.</summary>
    /// <param name="tau">Its threshold.</param>
    /// <param name="head">Null: the active head.</param>
    /// <param name="under">What a content looks like under that head, made from what it looks like under the first.</param>
    public async Task<ServingModel> ShadowAsync(double tau, byte? head, Func<long, Half[], Half[]>? under = null)
    {
        var transitions = new ModelTransitions(database.DataSource);
        var token = TestContext.Current.CancellationToken;
        var id = head is { } number
            ? await transitions.RegisterHeadAsync(Model.ModelId, [.. Enumerable.Repeat(number, 32)], dimension, tau, "{}", null, token)
            : await transitions.RegisterThresholdAsync(Model.ModelId, tau, "{}", null, token);
        return await ShadowAsync(id, under);
    }

    /// <summary>Makes a model the shadow again that was active once.</summary>
    public async Task<ServingModel> ShadowAsync(long modelId, Func<long, Half[], Half[]>? under = null)
    {
        var token = TestContext.Current.CancellationToken;
        var headId = await database.ScalarAsync<long>("select head_id from cpf.models where model_id = $1", modelId);
        _heads.TryAdd(headId, under ?? ((_, embedding) => embedding));
        await new ModelTransitions(database.DataSource).BecomeShadowAsync(modelId, token);
        var present = (await database.QueryAsync("select content_id from cpf.embeddings where head_id = $1", headId))
            .Select(r => (long)r[0]!).ToHashSet();
        await using (var connection = await database.DataSource.OpenConnectionAsync())
        {
            await WriteEmbeddingsAsync(
                connection, headId, [.. _embeddings.Where(e => !present.Contains(e.Key)).Select(e => (e.Key, e.Value))]);
        }

        await database.ExecuteAsync("insert into cpf.model_preparations (model_id, wanted) values ($1, 'groups')", modelId);
        return (await new ModelStore(database.DataSource).GetServingAsync(token)).Single(m => m.ModelId == modelId);
    }

    /// <summary>Asks for the shadow to become active.</summary>
    public Task WishAsync(ServingModel shadow) =>
        database.ExecuteAsync("update cpf.model_preparations set wanted = 'activation' where model_id = $1", shadow.ModelId);

    /// <summary>Takes the active model from the database.</summary>
    public async Task FollowAsync() =>
        Model = (await new ModelStore(database.DataSource).GetActiveAsync(TestContext.Current.CancellationToken))!;

    /// <summary>Stores contents and their embeddings, not yet referred to by an image.</summary>
    public async Task EmbedAsync(params (long ContentId, Half[] Embedding)[] contents)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using (var importer = await connection.BeginBinaryImportAsync(
            "copy cpf.contents (content_id, sha256, format, width, height, byte_length) from stdin (format binary)"))
        {
            foreach (var (id, embedding) in contents)
            {
                _embeddings[id] = embedding;
                await importer.StartRowAsync();
                await importer.WriteAsync(id);
                await importer.WriteAsync(HashOf(id));
                await importer.WriteAsync("png");
                await importer.WriteAsync(1);
                await importer.WriteAsync(1);
                await importer.WriteAsync(1L);
            }

            await importer.CompleteAsync();
        }

        foreach (var headId in (await new ModelStore(database.DataSource).GetServingAsync(default)).Select(m => m.HeadId).Distinct())
        {
            await WriteEmbeddingsAsync(connection, headId, contents);
        }
    }

    /// <summary>An image of each content, named by it.</summary>
    public async Task ShowAsync(IReadOnlyCollection<long> contentIds)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync();
        await using var importer = await connection.BeginBinaryImportAsync(
            "copy cpf.images (image_id, source, external_id, uri, content_id, state, revision) from stdin (format binary)");
        foreach (var id in contentIds)
        {
            var name = id.ToString(CultureInfo.InvariantCulture);
            _images[name] = id;
            await importer.StartRowAsync();
            await importer.WriteAsync(ImageId.From("s", name));
            await importer.WriteAsync("s");
            await importer.WriteAsync(name);
            await importer.WriteAsync("x");
            await importer.WriteAsync(id);
            await importer.WriteAsync("stored");
            await importer.WriteAsync(1L);
        }

        await importer.CompleteAsync();
    }

    /// <summary>Makes an image show a content, with or without a product key.</summary>
    public async Task SubmitAsync(string image, long contentId, string? productKey = null)
    {
        _images[image] = contentId;
        await database.ExecuteAsync(
            """
            insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
            values ($1, 's', $2, 'x', $3, 'stored', 1, nullif($4, ''))
            on conflict (image_id) do update set content_id = excluded.content_id, state = 'stored', product_key = excluded.product_key
            """, ImageId.From("s", image), image, contentId, productKey ?? "");
    }

    /// <summary>Takes an image off; returns the content it showed, if any.</summary>
    public async Task<long?> RetractAsync(string image)
    {
        await database.ExecuteAsync("update cpf.images set state = 'retracted' where image_id = $1", ImageId.From("s", image));
        return _images.Remove(image, out var contentId) ? contentId : null;
    }

    public long? ShownBy(string image) => _images.TryGetValue(image, out var contentId) ? contentId : null;

    /// <summary>Gives, changes or (null) withdraws a verdict.</summary>
    public async Task JudgeAsync(long x, long y, bool? same)
    {
        var (a, b) = (Math.Min(x, y), Math.Max(x, y));
        if (same is { } word)
        {
            _verdicts[(a, b)] = word;
            await database.ExecuteAsync(
                """
                insert into cpf.verdicts (content_a, content_b, verdict, who) values ($1, $2, $3, 'tester')
                on conflict (content_a, content_b) do update set verdict = excluded.verdict
                """, a, b, word ? "same" : "different");
        }
        else
        {
            _verdicts.Remove((a, b));
            await database.ExecuteAsync("delete from cpf.verdicts where content_a = $1 and content_b = $2", a, b);
        }
    }

    /// <summary>Replaces the verdicts that <see cref="Expected()"/> knows by verdicts given elsewhere.</summary>
    public void Believe(IEnumerable<(long X, long Y, bool Same)> verdicts)
    {
        _verdicts.Clear();
        foreach (var (x, y, same) in verdicts)
        {
            _verdicts[(Math.Min(x, y), Math.Max(x, y))] = same;
        }
    }

    /// <summary>Stores the same embeddings under the active model's head, as after a retraining.</summary>
    public Task ReembedAsync() => database.ExecuteAsync(
        """
        insert into cpf.embeddings (head_id, content_id, embedding) select $1, content_id, embedding from cpf.embeddings where head_id <> $1
        """, Model.HeadId);

    /// <summary>What the groups are by definition.</summary>
    public NaivePartition Expected() => Expected(Model);

    /// <summary>What the groups of a model are by definition.</summary>
    public NaivePartition Expected(ServingModel model) => NaiveMatching.Partition(
        _images.Values.Distinct().ToDictionary(id => id, id => Embedding(model, id)), model.Threshold,
        [.. _verdicts.Where(v => v.Value).Select(v => v.Key)], [.. _verdicts.Where(v => !v.Value).Select(v => v.Key)]);

    /// <summary>
    /// Fails unless members, components, cohesion, merges and the history in the database are what they are by definition.
    /// </summary>
    public async Task AssertExactAsync()
    {
        Assert.Equal(0L, await database.ScalarAsync<long>(
            "select count(*) from cpf.group_members where model_id = $1 and not reconciled", Model.ModelId));
        await AssertGroupsAsync(Model);

        // Who follows the events knows the groups.
        var told = new Dictionary<long, long>();
        foreach (var e in await database.QueryAsync(
            """
            select content_id, group_id, previous_group_id
            from cpf.group_events
            where model_id in (select model_id from cpf.model_activations where seq >= (select max(seq) from cpf.model_activations
                where not takes_over))
            order by seq
            """))
        {
            Assert.Equal(told.TryGetValue((long)e[0]!, out var before) ? before : null, (long?)e[2]);
            if (e[1] is long now)
            {
                told[(long)e[0]!] = now;
            }
            else
            {
                told.Remove((long)e[0]!);
            }
        }

        Assert.Equal(Expected().Groups.OrderBy(g => g.Key), told.OrderBy(g => g.Key));
    }

    /// <summary>Fails unless members, components, cohesion and merges of a model are what they are by definition.</summary>
    public async Task AssertGroupsAsync(ServingModel model)
    {
        var expected = Expected(model);
        var rows = await database.QueryAsync(
            "select content_id, group_id, component_id, pending from cpf.group_members where model_id = $1", model.ModelId);
        Assert.DoesNotContain(rows, r => (bool)r[3]!);
        Assert.Equal(expected.Groups.OrderBy(g => g.Key), rows.ToDictionary(r => (long)r[0]!, r => (long)r[1]!).OrderBy(g => g.Key));
        Assert.Equal(expected.Components.OrderBy(g => g.Key), rows.ToDictionary(r => (long)r[0]!, r => (long)r[2]!).OrderBy(g => g.Key));

        var sizes = expected.Groups.Values.GroupBy(g => g).Where(g => g.Count() > 1).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));
        var groups = await database.QueryAsync(
            "select group_id, size, min_pair_similarity, medoid from cpf.groups where model_id = $1 order by group_id", model.ModelId);
        Assert.Equal(sizes, groups.Select(g => ((long)g[0]!, (int)g[1]!)));
        foreach (var group in groups)
        {
            var members = expected.Groups.Where(g => g.Value == (long)group[0]!).Select(g => g.Key).ToArray();
            Assert.Contains((long)group[3]!, members);
            var least = members.SelectMany(a =>
                members.Where(b => b != a).Select(b => NaiveMatching.Similarity(Embedding(model, a), Embedding(model, b)))).Min();
            Assert.Equal(NaiveMatching.Quotient(least, 1), (double)group[2]!);
        }

        var merges = await database.QueryAsync("""select "left", "right" from cpf.group_merges where model_id = $1""", model.ModelId);
        Assert.Equal(expected.Merges.Select(m => (m.Left, m.Right)).Order(), merges.Select(m => ((long)m[0]!, (long)m[1]!)).Order());
    }

    /// <summary>Fails unless a message announces every event since then to subscribers. For tests that do not empty the outbox.</summary>
    /// <param name="afterSeq">Events up to this one were told before.</param>
    public async Task AssertToldAsync(long afterSeq = 0) => Assert.Empty(await database.QueryAsync(
        """
        select e.seq, e.kind, e.content_id
        from cpf.group_events e
        where e.seq > $1 and not exists (
            select from cpf.outbox o
            where o.type = 'MatchGroupsChanged' and e.seq between (o.payload->>'firstSeq')::bigint and (o.payload->>'lastSeq')::bigint)
        """, afterSeq));

    private Half[] Embedding(ServingModel model, long id) => _heads[model.HeadId](id, _embeddings[id]);

    private async Task WriteEmbeddingsAsync(
        NpgsqlConnection connection, long headId, IReadOnlyCollection<(long ContentId, Half[] Embedding)> contents)
    {
        await using var embeddings = await connection.BeginBinaryImportAsync(
            "copy cpf.embeddings (head_id, content_id, embedding) from stdin (format binary)");
        foreach (var (id, embedding) in contents)
        {
            await embeddings.StartRowAsync();
            await embeddings.WriteAsync(headId);
            await embeddings.WriteAsync(id);
            await embeddings.WriteAsync(new HalfVector(_heads[headId](id, embedding)));
        }

        await embeddings.CompleteAsync();
    }

    /// <summary>A hash that gives the id.</summary>
    public static byte[] HashOf(long contentId)
    {
        var hash = new byte[32];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(hash, contentId << 1);
        return hash;
    }
}
