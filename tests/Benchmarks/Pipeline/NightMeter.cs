using System.Diagnostics;
using System.Globalization;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Pipeline;

/// <summary>What a night takes besides time, step by step: memory of every process, the database's growth, what is written ahead.</summary>
internal sealed class NightMeter
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly BenchServers _servers;
    private readonly IReadOnlyDictionary<string, ServiceProcess> _services;
    private readonly List<Part> _parts = [];
    private readonly Moment _start;
    private Moment _now;
    private long _looked;
    private (int Tiles, int Milliseconds) _tiles;

    private NightMeter(BenchServers servers, IReadOnlyDictionary<string, ServiceProcess> services, Moment start)
    {
        (_servers, _services, _start, _now) = (servers, services, start, start);
        Processors = CpuUse.Start(servers, services);
    }

    /// <summary>Where processor time goes.</summary>
    public CpuUse Processors { get; }

    public static async Task<NightMeter> StartAsync(
        BenchServers servers, IReadOnlyDictionary<string, ServiceProcess> services, CancellationToken cancellationToken) =>
        new(servers, services, await ReadAsync(servers, cancellationToken));

    /// <summary>Looks once a second, and whenever a step begins.</summary>
    public async Task LookAsync(string step, CancellationToken cancellationToken)
    {
        var begins = _parts.Count == 0 || _parts[^1].Step != step;
        if (!begins && Stopwatch.GetElapsedTime(_looked) < Every)
        {
            return;
        }

        _looked = Stopwatch.GetTimestamp();
        _now = await ReadAsync(_servers, cancellationToken);
        if (begins)
        {
            _parts.Add(new Part(step, _now));
        }

        _parts[^1].Take(
            _now, [.. _services.Select(s => (s.Key, s.Value.ResidentMb)), ("Postgres", ProcessMemory.OfPostgresMb(_servers.PostgresPid))]);
        if (step == "join")
        {
            var tiles = await _servers.ScalarAsync<string>(
                """
                select count(*) || ' ' || coalesce(percentile_disc(0.5) within group (order by milliseconds), 0)
                from cpf.join_tiles where done_at is not null
                """, cancellationToken);
            var numbers = Array.ConvertAll(tiles.Split(' '), n => int.Parse(n, CultureInfo.InvariantCulture));
            _tiles = numbers[0] >= _tiles.Tiles ? (numbers[0], numbers[1]) : _tiles;
        }
    }

    /// <summary>A figure for each step.</summary>
    public IEnumerable<Figure> Steps(IReadOnlyList<(string Step, double Seconds)> steps)
    {
        for (var i = 0; i < _parts.Count; i++)
        {
            var (part, end) = (_parts[i], i + 1 < _parts.Count ? _parts[i + 1].Start : _now);
            if (steps.FirstOrDefault(s => s.Step == part.Step) is { Step: not null } step)
            {
                yield return new Figure($"of which {step.Step.Replace('_', ' ')} ({part.Text(end)})", step.Seconds, "s");
            }
        }
    }

    /// <summary>Figures of the night as a whole.</summary>
    public IEnumerable<Figure> Whole()
    {
        yield return new Figure("the database before the night", _start.Database / 1e6, "MB");
        yield return new Figure("the database after the night", _now.Database / 1e6, "MB");
        yield return new Figure("written ahead (WAL)", (_now.Wal - _start.Wal) / 1e6, "MB");
        yield return new Figure("the most WAL that lay on the disk", _parts.Max(p => p.WalFiles) / 1e6, "MB");
        yield return new Figure("the most memory of Postgres, shared and its processes' own", _parts.Max(p => p.MostOf("Postgres")), "MB");
        if (_tiles.Tiles > 0)
        {
            yield return new Figure("tiles of the join seen", _tiles.Tiles, "");
            yield return new Figure("a tile, median", _tiles.Milliseconds / 1e3, "s");
        }
    }

    private static async Task<Moment> ReadAsync(BenchServers servers, CancellationToken cancellationToken)
    {
        var text = await servers.ScalarAsync<string>(
            """
            select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint || ' ' || pg_database_size(current_database()) || ' '
                || (select coalesce(sum(size), 0) from pg_ls_waldir())
            """, cancellationToken);
        var numbers = Array.ConvertAll(text.Split(' '), n => long.Parse(n, CultureInfo.InvariantCulture));
        return new Moment(numbers[0], numbers[1], numbers[2]);
    }

    private sealed record Moment(long Wal, long Database, long WalFiles);

    private sealed class Part(string step, Moment start)
    {
        private readonly Dictionary<string, double> _most = [];

        public string Step => step;

        public Moment Start => start;

        public long WalFiles { get; private set; }

        public double MostOf(string name) => _most.GetValueOrDefault(name);

        public void Take(Moment now, IEnumerable<(string Name, double Mb)> memory)
        {
            WalFiles = Math.Max(WalFiles, now.WalFiles);
            foreach (var (name, mb) in memory)
            {
                _most[name] = Math.Max(MostOf(name), mb);
            }
        }

        public string Text(Moment end) => string.Create(
            CultureInfo.InvariantCulture,
            $"WAL {(end.Wal - start.Wal) / 1e6:N0} MB, database {(end.Database - start.Database) / 1e6:+#,0;-#,0;0} MB, memory "
            + $"{string.Join(", ", _most.Where(m => m.Value > 0).Select(Memory))} MB");

        private static string Memory(KeyValuePair<string, double> most) =>
            string.Create(CultureInfo.InvariantCulture, $"{most.Key} {most.Value:N0}");
    }
}
