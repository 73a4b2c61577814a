using System.Diagnostics;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using CpfPipeline.Data.Blobs;
using CpfPipeline.Data.Models;
using CpfPipeline.Tests.Benchmarks.Models;
using CpfPipeline.Tests.Benchmarks.Pictures;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>
/// Backs up a live pipeline by the command line, restores it into an empty checkout and database, starts the services there, and compares
/// groups, receipts and tombstones with those of the first. What was erased after the backup must not come back.
/// </summary>
internal sealed class RestoreBench : IPipelineBench
{
    private const int Pictures = 2_000;
    private const int PerProduct = 4;
    private const int Noise = 12;
    private const int PerRequest = 500;
    private const double Threshold = .9;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    // Of the active model: ids of models are the same, since they come with the rows.
    private static readonly string[] Compared =
    [
        "select content_id::text || ' ' || group_id || ' ' || component_id from cpf.group_members",
        "select concat_ws(' ', content_a, content_b, verdict, who) from cpf.verdicts",
        "select concat_ws(' ', erasure_id, who, requested_at, encode(tombstone, 'hex')) from cpf.erasures",
        "select encode(hash, 'hex') || ' ' || kind from cpf.tombstones",
        "select concat_ws(' ', source, external_id, state, revision, content_id) from cpf.images",
    ];

    public string Name => "restore";

    public string Summary => $"backup of a live pipeline of {Pictures:N0} pictures, and restore into an empty checkout: nothing differs";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var files = Directory.CreateDirectory(Path.Combine(context.Work, "in")).FullName;
        var sha256 = Fill(files);
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var first = new Home(context, "first", servers);
        await BenchModel.Pixels(TinyPng.Side).RegisterAsync(
            new ModelStore(servers.DataSource), new FolderBlobStore(first.Blobs), Threshold, cancellationToken);
        var (backup, keys) = (Path.Combine(context.Work, "backup"), Path.Combine(context.Work, "keys.json"));
        TimeSpan backedUp;
        await using (var services = await RunningServices.StartAsync(context, first, files, cancellationToken))
        {
            await SubmitAsync(services.Ingest.Http, files, cancellationToken);
            await services.SettleAsync(servers, Pictures, cancellationToken);
            await EraseAsync(services.Ingest.Http, sha256[0], cancellationToken);
            using var verdict = await services.Matcher.Http.PostAsJsonAsync(
                "/verdicts", new { a = new { content = sha256[4] }, b = new { content = sha256[5] }, verdict = "different" },
                cancellationToken);
            verdict.EnsureSuccessStatusCode();
            await services.SettleAsync(servers, Pictures - 1, cancellationToken);
            backedUp = await first.RunAsync(cancellationToken, "backup", backup, "--keys", keys);

            // After the backup: only the record of it is copied.
            await EraseAsync(services.Ingest.Http, sha256[1], cancellationToken);
            await services.SettleAsync(servers, Pictures - 2, cancellationToken);
            await first.RunAsync(cancellationToken, "backup", backup, "--erasures-only");
        }

        await using var empty = await context.OpenServersAsync(migrates: false, cancellationToken);
        var second = new Home(context, "second", empty);
        var restored = await second.RunAsync(cancellationToken, "restore", backup, "--keys", keys);
        await empty.AddKeyAsync(cancellationToken);
        var start = Stopwatch.GetTimestamp();
        await using var again = await RunningServices.StartAsync(context, second, files, cancellationToken);
        await again.SettleAsync(empty, Pictures - 2, cancellationToken);
        var settled = Stopwatch.GetElapsedTime(start);

        var differing = 0;
        foreach (var sql in Compared)
        {
            var (ours, theirs) = (await RowsAsync(servers, sql, cancellationToken), await RowsAsync(empty, sql, cancellationToken));
            var other = ours.Except(theirs).Concat(theirs.Except(ours)).ToList();
            other.Take(3).ToList().ForEach(row => context.Say($"differs: {row}"));
            differing += other.Count;
        }

        await SubmitAsync(again.Ingest.Http, files, cancellationToken, only: [0, 1]);
        await Until.TrueAsync(
            async token => await empty.ScalarAsync<long>("select count(*) from cpf.images where reject_reason = 'erased'", token) == 2,
            Pause, Limit, "what was erased is refused", cancellationToken);
        var back = await empty.ScalarAsync<long>(
            $"select count(*) from cpf.contents where state = 'stored' and encode(sha256, 'hex') in ('{sha256[0]}', '{sha256[1]}')",
            cancellationToken);
        return new BenchReport(
            $"{Pictures:N0} pictures of {TinyPng.Side} x {TinyPng.Side} px, {PerProduct} a product; one erased before the backup and one "
                + "after; a verdict",
            [
                new Figure("rows of groups, verdicts, receipts, tombstones and images that differ", differing, "rows").Below(1),
                new Figure("erased pictures that came back", back, "pictures").Below(1),
                new Figure("rows compared", (await RowsAsync(empty, Compared[0], cancellationToken)).Count, "members"),
                new Figure("infra/cpf backup", backedUp.TotalSeconds, "s"),
                new Figure("infra/cpf restore", restored.TotalSeconds, "s"),
                new Figure("services started and settled after it", settled.TotalSeconds, "s"),
            ],
            []);
    }

    // Products of pictures that differ by noise.
    private static List<string> Fill(string folder)
    {
        var (random, hashes) = (new Random(6), new List<string>());
        var (product, pixels) = (new byte[TinyPng.PixelBytes], new byte[TinyPng.PixelBytes]);
        for (var i = 0; i < Pictures; i++)
        {
            if (i % PerProduct == 0)
            {
                random.NextBytes(product);
            }

            for (var k = 0; k < pixels.Length; k++)
            {
                pixels[k] = (byte)Math.Clamp(product[k] + random.Next(-Noise, Noise + 1), 0, 255);
            }

            var png = TinyPng.Of(pixels);
            File.WriteAllBytes(Path.Combine(folder, $"{i}.png"), png);
            hashes.Add(Convert.ToHexStringLower(SHA256.HashData(png)));
        }

        return hashes;
    }

    private static async Task SubmitAsync(HttpClient ingest, string files, CancellationToken cancellationToken, int[]? only = null)
    {
        foreach (var chunk in (only ?? Enumerable.Range(0, Pictures)).Chunk(PerRequest))
        {
            using var answer = await ingest.PostAsJsonAsync(
                "/images",
                chunk.Select(i => new
                {
                    source = "shop", external_id = only is null ? $"{i}" : $"again {i}", revision = 1,
                    uri = new Uri(Path.Combine(files, $"{i}.png")).AbsoluteUri,
                }),
                cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
    }

    private static async Task EraseAsync(HttpClient ingest, string sha256, CancellationToken cancellationToken)
    {
        using var asked = await ingest.PostAsJsonAsync("/erasures", new { sha256, note = "a benchmark" }, cancellationToken);
        asked.EnsureSuccessStatusCode();
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(cancellationToken)).GetProperty("erasure_id").ToString();
        await Until.TrueAsync(
            async token => (await ingest.GetFromJsonAsync<JsonElement>($"/erasures/{id}", token)).GetProperty("state").GetString()
                == "finished",
            Pause, Limit, "the erasure is finished", cancellationToken);
    }

    private static async Task<HashSet<string>> RowsAsync(BenchServers servers, string sql, CancellationToken cancellationToken)
    {
        var rows = new HashSet<string>();
#pragma warning disable CA2100 // Constant texts of this bench.
        await using var command = servers.DataSource.CreateCommand(sql);
#pragma warning restore CA2100
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }

    /// <summary>The state folder of a checkout on given servers.</summary>
    private sealed class Home
    {
        private readonly string _folder;
        private readonly string _program;

        public Home(BenchContext context, string name, BenchServers servers)
        {
            (Servers, _program) = (servers, context.ServiceFile("infra/Cli"));
            _folder = Directory.CreateDirectory(Path.Combine(context.Work, name)).FullName;
            if (name == "first")
            {
                File.WriteAllText(Path.Combine(_folder, "state.json"), """{"ports":{"ingest":1}}""");
            }
        }

        public BenchServers Servers { get; }

        public string Blobs => Path.Combine(_folder, "blobs");

        /// <summary>Where Ingest keeps the key and the record, as the command line expects them.</summary>
        public IReadOnlyDictionary<string, string> Settings(string files) => new Dictionary<string, string>
        {
            ["Ingest__FileRoots__0"] = files, ["Ingest__TombstoneKeyFile"] = Path.Combine(_folder, "tombstone.key"),
            ["Ingest__ErasureRecordFolder"] = Path.Combine(_folder, "erasures"),
        };

        /// <summary>Runs a verb.</summary>
        /// <returns>How long it took.</returns>
        public async Task<TimeSpan> RunAsync(CancellationToken cancellationToken, params string[] words)
        {
            var start = Stopwatch.GetTimestamp();
            var program = new ProcessStartInfo("dotnet", [_program, .. words])
            {
                RedirectStandardError = true, RedirectStandardOutput = true,
            };
            program.Environment["CPF_HOME"] = _folder;
            program.Environment["CPF_POSTGRES"] = Servers.Postgres;
            program.Environment["CPF_RABBITMQ"] = Servers.RabbitMq.ToString();
            using var process = Process.Start(program)!;
            var (error, output) =
                (process.StandardError.ReadToEndAsync(cancellationToken), process.StandardOutput.ReadToEndAsync(cancellationToken));
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? Stopwatch.GetElapsedTime(start)
                : throw new InvalidOperationException(
                    $"infra/cpf {string.Join(' ', words)} ended with {process.ExitCode}: {await error}{await output}");
        }
    }

    private sealed record RunningServices(ServiceProcess Ingest, ServiceProcess Embedder, ServiceProcess Matcher) : IAsyncDisposable
    {
        public static async Task<RunningServices> StartAsync(
            BenchContext context, Home home, string files, CancellationToken cancellationToken)
        {
            Task<ServiceProcess> Start(string service) =>
                ServiceProcess.StartAsync(context, service, home.Servers, home.Blobs, home.Settings(files), cancellationToken);
            return new RunningServices(await Start("Ingest"), await Start("Embedder"), await Start("Matcher"));
        }

        /// <summary>Waits until every picture is in its group, exactly.</summary>
        public async Task SettleAsync(BenchServers servers, int members, CancellationToken cancellationToken)
        {
            await Until.TrueAsync(
                async token => await servers.ScalarAsync<long>("select count(*) from cpf.group_members", token) == members
                    && await servers.ScalarAsync<long>("select count(*) from cpf.outbox", token) == 0,
                Pause, Limit, $"{members} contents are in their groups", cancellationToken);
            using var reconciled = await Matcher.Http.PostAsync("/reconcile", null, cancellationToken);
            reconciled.EnsureSuccessStatusCode();
        }

        public async ValueTask DisposeAsync()
        {
            await Matcher.DisposeAsync();
            await Embedder.DisposeAsync();
            await Ingest.DisposeAsync();
        }
    }
}
