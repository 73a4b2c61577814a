using System.Diagnostics;
using System.Security.Cryptography;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Ids;
using CpfPipeline.Data.Models;
using CpfPipeline.Embedder.Embedding;
using CpfPipeline.Ingest;
using CpfPipeline.Ingest.Erasures;
using CpfPipeline.Ingest.Intake;
using CpfPipeline.Ingest.Submissions;
using CpfPipeline.Matcher;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Pgvector;

namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>Ingest and a Matcher on one database, with an active model; embeddings are given, not computed.</summary>
internal sealed class ErasureHarness : IAsyncDisposable
{
    private ErasureHarness(TestDatabase database, ServingModel model, MatcherOptions options, IBlobStore? blobs)
    {
        Ingest = new IngestHarness(database, blobs: blobs);
        Model = model;
        Erasures = new ErasureStore(database.DataSource, Ingest.Key);
        Purge = new ErasurePurge(database.DataSource);
        Unreferenced = new UnreferencedStore(database.DataSource);
        Matcher = new MatcherInstance(database.DataSource, options);
    }

    public IngestHarness Ingest { get; }

    public TestDatabase Database => Ingest.Database;

    public ServingModel Model { get; private set; }

    public ErasureStore Erasures { get; }

    public ErasurePurge Purge { get; }

    public UnreferencedStore Unreferenced { get; }

    public MatcherInstance Matcher { get; }

    public static async Task<ErasureHarness> StartAsync(
        TestDatabases databases, double threshold = 0.5, MatcherOptions? options = null, IBlobStore? blobs = null)
    {
        var database = await databases.CreateAsync();
        return new ErasureHarness(database, await ActivateAsync(database, threshold, head: 1), options ?? new MatcherOptions(), blobs);
    }

    /// <summary>Replaces the model; the old one is retired with its groups.</summary>
    public async Task ActivateAsync(byte head) => Model = await ActivateAsync(Database, Model.Threshold, head);

    /// <summary>Submits a picture as a file, stores a feature and an embedding of it, and has it matched.</summary>
    /// <returns>SHA-256 of the picture.</returns>
    public async Task<byte[]> ShowAsync(string externalId, int picture, double x = 1, double y = 0, string? productKey = null)
    {
        await SubmitAsync(externalId, picture, productKey);
        return await EmbedAsync(picture, x, y);
    }

    public async Task<byte[]> EmbedAsync(int picture, double x = 1, double y = 0)
    {
        var sha256 = SHA256.HashData(TestPictures.Gif(picture));
        var id = ContentId.FromSha256(sha256);
        await Database.ExecuteAsync(
            "insert into cpf.features values ($1, $2, $3) on conflict do nothing", Model.BackboneId, id, new HalfVector(new Half[8]));
        await Database.ExecuteAsync(
            "insert into cpf.embeddings values ($1, $2, $3) on conflict do nothing", Model.HeadId, id,
            new HalfVector(new[] { (Half)x, (Half)y }));
        await RenderAsync(sha256);
        var replaced = new List<long>();
        await new EmbeddingStore(Database.DataSource).CommitAsync(
            new EmbeddingBatch([Model.HeadId], [], [], new Dictionary<long, IReadOnlyList<long>> { [Model.HeadId] = [id] }),
            (_, ids) =>
            {
                replaced.AddRange(ids);
                return [];
            },
            default);
        await Matcher.Updater.RefreshAsync([id, .. replaced], default);
        return sha256;
    }

    /// <summary>Has every rendition of a content, as if somebody had looked at it.</summary>
    public async Task RenderAsync(byte[] sha256)
    {
        foreach (var rendition in Rendition.All)
        {
            await Ingest.Blobs.WriteRenditionAsync(sha256, rendition, new byte[] { 1 }, default);
        }
    }

    public async Task<IntakeResult> SubmitAsync(string externalId, int picture, string? productKey = null, string source = "shop") =>
        (await Ingest.Intake.TakeAsync([Entry(externalId, picture, productKey, source)], default))[0];

    public static ImageEntry Entry(
        string externalId, int picture, string? productKey = null, string source = "shop", long? revision = null) => new()
    {
        Source = source, ExternalId = externalId, Uri = $"http://pictures/{externalId}.gif", ProductKey = productKey,
        Revision = revision ?? TimeProvider.System.GetTimestamp(), Bytes = TestPictures.Gif(picture),
    };

    public Task RetractAsync(string externalId) => Ingest.Intake.TakeAsync(
        [new ImageEntry { Source = "shop", ExternalId = externalId, Retract = true, Revision = TimeProvider.System.GetTimestamp() }],
        default);

    public Task<ErasureOutcome?> RequestAsync(byte[] sha256) =>
        Erasures.RequestContentAsync(sha256, new ErasureOrder("officer", "on request"), ErasureMessages.Released, default);

    public Task<ErasureOutcome?> RequestAsync(string externalId) =>
        Erasures.RequestImageAsync("shop", externalId, new ErasureOrder("officer", null), ErasureMessages.Released, default);

    /// <summary>Does what the outbox and its consumers would do: publishes everything and informs the Matcher.</summary>
    public async Task DeliverAsync(params byte[][] released)
    {
        await Matcher.Updater.RefreshAsync([.. released.Select(s => ContentId.FromSha256(s))], default);
        await Database.ExecuteAsync("delete from cpf.outbox");
    }

    /// <summary>Runs Ingest's background work once, as a separate process would.</summary>
    public async Task<bool> AdvanceAsync(long erasureId, IBlobStore? blobs = null) =>
        await new ErasureWork(Purge, blobs ?? Ingest.Blobs, new IngestMetrics(), NullLogger<ErasureWork>.Instance)
            .AdvanceAsync((await Erasures.FindAsync(erasureId, default))!, default);

    /// <summary>Erases to the end.</summary>
    public async Task<CpfPipeline.Ingest.Erasures.Erasure> FinishAsync(ErasureOutcome? outcome, params byte[][] released)
    {
        await DeliverAsync(released);
        if (outcome!.Erasure.State != ErasureState.Finished)
        {
            // What the image showed before, newest first, so that nothing waits for another look.
            foreach (var part in (await Erasures.ListUnfinishedAsync(100, default))
                .Where(e => e.Tombstone.AsSpan().SequenceEqual(outcome.Erasure.Tombstone)).Reverse())
            {
                Xunit.Assert.True(await AdvanceAsync(part.ErasureId));
            }
        }

        return (await Erasures.FindAsync(outcome.Erasure.ErasureId, default))!;
    }

    /// <summary>Waits until a session waits for a row lock in this database.</summary>
    public Task WaitingAsync() => Until.TrueAsync(async () => await Database.ScalarAsync<long>(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") > 0);

    public Collection NewCollection(TimeSpan after) => new(
        Unreferenced, Ingest.Blobs, Options.Create(new IngestOptions { CollectAfter = after }), new IngestMetrics(),
        NullLogger<Collection>.Instance);

    /// <summary>The whole database as pg_dump writes it.</summary>
    public async Task<string> DumpAsync()
    {
        var connection = new NpgsqlConnectionStringBuilder(Database.ConnectionString);
        var version = int.Parse(
            await Database.ScalarAsync<string>("show server_version_num"), System.Globalization.CultureInfo.InvariantCulture) / 10_000;
        var start = new ProcessStartInfo(
            $"/usr/lib/postgresql/{version}/bin/pg_dump",
            ["-h", connection.Host!, "-p", $"{connection.Port}", "-U", connection.Username!, "-d", connection.Database!])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PGPASSWORD"] = connection.Password;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var dump = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Xunit.Assert.True(process.ExitCode == 0, await errors);
        return dump;
    }

    /// <summary>Names of the files that are the content's bytes or were made from them.</summary>
    public IEnumerable<string> Files(byte[] sha256) => Directory
        .EnumerateFiles(Path.Combine(Ingest.Folder, "blobs"), Convert.ToHexStringLower(sha256) + "*", SearchOption.AllDirectories)
        .Select(path => Path.GetFileName(path)!);

    /// <summary>Rows of all tables but the erasure's own that name the content, and its files.</summary>
    public async Task<List<string>> TracesAsync(byte[] sha256)
    {
        var traces = new List<string>();
        var id = ContentId.FromSha256(sha256);
        foreach (var (table, column) in new[]
        {
            ("contents", "content_id"), ("images", "content_id"), ("features", "content_id"), ("embeddings", "content_id"),
                ("matches", "content_a"),
            ("matches", "content_b"), ("verdicts", "content_a"), ("verdicts", "content_b"), ("verdict_events", "content_a"),
            ("verdict_events", "content_b"), ("review_answers", "content_a"), ("review_answers", "content_b"),
            ("contradictions", "content_a"), ("contradictions", "content_b"), ("contradiction_links", "content_a"),
            ("contradiction_links", "content_b"), ("placeholder_overrides", "content_id"), ("placeholder_words", "content_id"),
            ("placeholder_events", "content_id"), ("image_contents", "content_id"),
            ("group_members", "content_id"), ("group_members", "group_id"), ("group_members", "component_id"), ("groups", "group_id"),
            ("groups", "medoid"),
            ("group_merges", "\"left\""), ("group_merges", "\"right\""), ("group_events", "content_id"), ("group_events", "group_id"),
            ("group_events", "previous_group_id"), ("unreferenced_contents", "content_id"), ("erasures", "content_id"),
        })
        {
            if (await Database.ScalarAsync<long>($"select count(*) from cpf.{table} where {column} = $1", id) is > 0 and var count)
            {
                traces.Add($"{table}.{column}: {count}");
            }
        }

        return [.. traces, .. Files(sha256)];
    }

    /// <summary>Fails unless a reader that follows the events from the beginning arrives at the groups of the active model.</summary>
    public async Task AssertHistoryAsync()
    {
        var told = new Dictionary<long, long>();
        foreach (var e in await Database.QueryAsync(
            "select content_id, group_id, previous_group_id from cpf.group_events where model_id = $1 order by seq", Model.ModelId))
        {
            Xunit.Assert.Equal(told.TryGetValue((long)e[0]!, out var before) ? before : null, (long?)e[2]);
            if (e[1] is long now)
            {
                told[(long)e[0]!] = now;
            }
            else
            {
                told.Remove((long)e[0]!);
            }
        }

        var groups = await Database.QueryAsync(
            "select content_id, group_id from cpf.group_members where model_id = $1 order by content_id", Model.ModelId);
        Xunit.Assert.Equal(groups.Select(g => ((long)g[0]!, (long)g[1]!)), told.OrderBy(g => g.Key).Select(g => (g.Key, g.Value)));
    }

    public ValueTask DisposeAsync()
    {
        Matcher.Dispose();
        return Ingest.DisposeAsync();
    }

    private static async Task<ServingModel> ActivateAsync(TestDatabase database, double threshold, byte head)
    {
        var models = new ModelStore(database.DataSource);
        byte[] headHash = [.. Enumerable.Repeat(head, 32)];
        await models.RegisterActiveAsync(new NewModel(new byte[32], 8, "{}", headHash, 2, threshold, "{}"), (_, _) => [], default);
        return (await models.GetActiveAsync(default))!;
    }
}
