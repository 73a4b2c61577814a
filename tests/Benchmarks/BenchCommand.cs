using CpfPipeline.Tests.Benchmarks.Backbones;
using CpfPipeline.Tests.Benchmarks.Decoding;
using CpfPipeline.Tests.Benchmarks.Losses;
using CpfPipeline.Tests.Benchmarks.Matching;
using CpfPipeline.Tests.Benchmarks.Pages;
using CpfPipeline.Tests.Benchmarks.Pipeline;
using CpfPipeline.Tests.Benchmarks.Review;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Sql;
using CpfPipeline.Tests.Benchmarks.Storage;
using Spectre.Console;

namespace CpfPipeline.Tests.Benchmarks;

/// <summary><c>infra/cpf bench [NAME...] [--photos FOLDER] [--json]</c>.</summary>
internal static class BenchCommand
{
    private const int Done = 0;
    private const int WrongUsage = 2;
    private const int Infrastructure = 3;

    private static readonly IPipelineBench[] All =
    [
        new DecodeBench(), new EmbedderBench(), new MessagesBench(), new ReconcileBench(), new EmbedderMemoryBench(),
        new IngestMemoryBench(), new IngestFloodBench(), new RestoreBench(),
        .. FeedRepeatBench.All, new DefaultBackboneBench(), new CopyHeadBench(),
        .. MatchingBench.All, .. NightBench.All, .. LossBench.All, .. TransferBench.All, new HeadScaleBench(), new JoinBench(),
        new GiantsBench(), new HnswBench(), .. SqlBench.All, new ReviewBench(), .. PagesBench.All,
        new DecodeProcessesBench(), new DecodeMutationsBench(), .. JoinTilesBench.All, new BlobStoreBench(),
    ];

    public static async Task<int> RunAsync(string[] args, CancellationToken cancellationToken)
    {
        var (names, photos, json) = (new List<string>(), (string?)null, false);
        for (var i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--json":
                    json = true;
                    break;
                case "--photos" when i + 1 < args.Length:
                    photos = Path.GetFullPath(args[++i]);
                    break;
                case var name when All.Any(bench => bench.Name == name):
                    names.Add(name);
                    break;
                case "memory":
                    names.AddRange(
                        All.OfType<IPipelineBench>().Select(b => b.Name).Where(n => n.EndsWith("-memory", StringComparison.Ordinal)));
                    break;
                case "losses":
                    names.AddRange(All.Select(b => b.Name).Where(n => n.StartsWith(LossBench.Prefix, StringComparison.Ordinal)));
                    break;
                case "--help":
                    Help(Console.Out);
                    return Done;
                default:
                    await Console.Error.WriteLineAsync($"cpf: bench does not know '{args[i]}'");
                    Help(Console.Error);
                    return WrongUsage;
            }
        }

        if (photos is not null && !Directory.Exists(photos))
        {
            await Console.Error.WriteLineAsync($"cpf: there is no folder {photos}");
            return WrongUsage;
        }

        return await RunAsync(
            [.. All.Where(b => names.Count == 0 ? !b.OnlyWhenNamed : names.Contains(b.Name))], photos, json, cancellationToken);
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<IPipelineBench> benches, string? photos, bool json, CancellationToken cancellationToken)
    {
        var checkout = FindCheckout();
        var finished = new List<Results>();
        var code = Done;
        foreach (var bench in benches)
        {
            await Console.Error.WriteLineAsync($"{bench.Name}: {bench.Summary}");
            using var context = new BenchContext(checkout, photos, line => Console.Error.WriteLine($"  {line}"));
            try
            {
                var (machine, at) = (Machine.Read(checkout), TimeProvider.System.GetUtcNow());
                var results = new Results(bench.Name, at, machine, await bench.RunAsync(context, cancellationToken));
                results.Write(checkout);
                finished.Add(results);
            }
            catch (BenchSkippedException e)
            {
                await Console.Error.WriteLineAsync($"  skipped: {e.Message}");
            }
            catch (Exception e) when (e is TimeoutException or InvalidOperationException or Npgsql.NpgsqlException or HttpRequestException)
            {
                // The other benches may still be measured; the exit code tells.
                await Console.Error.WriteLineAsync($"  failed: {e}");
                code = Infrastructure;
            }
        }

        if (json)
        {
            Console.WriteLine($"[{string.Join(",\n", finished.Select(r => r.ToJson()))}]");
        }
        else
        {
            Show(finished);
        }

        return code;
    }

    private static void Show(IEnumerable<Results> finished)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("bench", "figure", "median (least - most)", "unit", "goal", "");
        foreach (var (results, figure) in finished.SelectMany(r => r.Report.Figures.Select(f => (r, f))))
        {
            table.AddRow(
                new Text(results.Bench), new Text(figure.Name), new Text(Results.Number(figure)), new Text(figure.Unit),
                new Text(figure.Goal ?? ""),
                new Text(Results.Verdict(figure), new Style(figure.Met == false ? Color.Red : Color.Green)));
        }

        AnsiConsole.Write(table);
        Console.WriteLine("Written to tests/Benchmarks/results.");
    }

    private static void Help(TextWriter writer)
    {
        writer.WriteLine("usage: infra/cpf bench [NAME...] [--photos FOLDER] [--json]");
        foreach (var bench in All)
        {
            writer.WriteLine($"  {bench.Name,-18} {bench.Summary}{(bench.OnlyWhenNamed ? " (only when named)" : "")}");
        }

        writer.WriteLine($"  {"device",-18} a CUDA device against the CPU and bare ONNX Runtime; its own options follow (only when named)");
        writer.WriteLine($"  {"kernels",-18} BenchmarkDotNet over the inner loops; its own options follow (only when named)");
    }

    public static string FindCheckout()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "CpfPipeline.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The benchmarks run from a checkout only: their results are written into it.");
    }
}
