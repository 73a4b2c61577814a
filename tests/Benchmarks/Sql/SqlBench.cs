using System.Globalization;
using CpfPipeline.Tests.Benchmarks.Running;
using Npgsql;

namespace CpfPipeline.Tests.Benchmarks.Sql;

/// <summary>
/// Every view and function of <c>cpf_reader</c> and every query of the cookbook, over a generated catalogue and over a quarter of it: how
/// long they take, what they read, and how that grows.
/// </summary>
internal sealed class SqlBench(string name, int contents) : IPipelineBench
{
    private const int Quarter = 4;
    private const int Runs = 3;
    private const double GoalMilliseconds = 5;

    // A page may begin at another place in the larger catalogue.
    private const double GoalGrowth = 1.5;

    public static IReadOnlyList<IPipelineBench> All { get; } = [new SqlBench("sql-100k", 100_000), new SqlBench("sql-1m", 1_000_000)];

    public string Name => name;

    public string Summary => string.Create(
        CultureInfo.InvariantCulture, $"every view, function and cookbook query over {contents:N0} contents, with plans");

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var small = await MeasureAsync(context, contents / Quarter, cancellationToken);
        var full = await MeasureAsync(context, contents, cancellationToken);
        var figures = full.Plans.Select(p => FigureOf(p.Question, p.Runs, small.RunsOf(p.Question))).ToList();
        foreach (var reach in Enum.GetValues<Reach>())
        {
            var worst = full.Plans.Where(p => p.Question.Reach == reach)
                .Select(p => (p.Question.Name, Growth: Growth(p.Runs, small.RunsOf(p.Question))))
                .MaxBy(p => p.Growth);
            var goal = reach == Reach.Everything ? Quarter + 0.5 : GoalGrowth;
            figures.Add(new Figure($"worst growth, {reach}: {worst.Name}", worst.Growth, "times").Below(goal));
        }

        return new BenchReport(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{contents:N0} contents, {full.Images:N0} images, {full.Groups:N0} groups, one of {contents / 200:N0} contents; "
                    + $"{full.Seconds:0} s to generate and index"),
            figures,
            [
                "Milliseconds are planning and execution by the server, of three runs after a first one that is not counted; what reads "
                    + "everything runs once.",
                string.Create(CultureInfo.InvariantCulture, $"Growth compares with {contents / Quarter:N0} contents."),
                "Growth counts rows read where tables are read whole: 4 is linear. Elsewhere it counts rows read for each row returned.",
                "Rows read inside functions are not counted; their time is.",
            ]);
    }

    private static Figure FigureOf(SqlQuestion question, IReadOnlyList<QueryPlan> runs, IReadOnlyList<QueryPlan> small)
    {
        var plan = runs[0];
        var whole = plan.ReadWhole.Count == 0 ? "" : $"; reads whole: {string.Join(", ", plan.ReadWhole)}";
        var figure = Figure.Of(
            string.Create(CultureInfo.InvariantCulture, $"{question.Name} ({plan.RowsReturned:N0} rows, {plan.RowsRead:N0} read, "
                + $"{plan.Pages:N0} pages, growth {Growth(runs, small):0.0}{whole})"),
            [.. runs.Select(r => r.Milliseconds)],
            "ms");
        return question.Reach == Reach.One ? figure.Below(GoalMilliseconds) : figure;
    }

    // One row more on either side: an answer without rows compares too.
    private static double Growth(IReadOnlyList<QueryPlan> full, IReadOnlyList<QueryPlan> small)
    {
        var read = (full[0].RowsRead + 10) / (small[0].RowsRead + 10);
        return full[0].ReadWhole.Count > 0 ? read : read / Math.Max(1, (full[0].RowsReturned + 1) / (small[0].RowsReturned + 1));
    }

    private static async Task<Measured> MeasureAsync(BenchContext context, int size, CancellationToken cancellationToken)
    {
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var seconds = await GeneratedCatalogue.FillAsync(servers, size, cancellationToken);
        await using var connection = await servers.DataSource.OpenConnectionAsync(cancellationToken);
        context.Say(string.Create(CultureInfo.InvariantCulture, $"{size:N0} contents after {seconds:0} s"));
        var images = await servers.ScalarAsync<long>("select count(*) from cpf.images", cancellationToken);
        var groups = await servers.ScalarAsync<long>("select count(*) from cpf.groups", cancellationToken);
        var views = await ReadViewsAsync(connection, cancellationToken);
        await ExecuteAsync(connection, "set role cpf_reader", cancellationToken);
        var ask = new ReaderQuestions(size);
        var plans = new List<(SqlQuestion, IReadOnlyList<QueryPlan>)>();
        foreach (var question in ask.Lookups().Concat(ask.Pages())
            .Concat(CookbookQueries.Read(context.Checkout, ask.Source, ask.ExternalId, ask.OtherSource, ask.OtherId))
            .Concat(ReaderQuestions.Whole(views)))
        {
            var runs = new List<QueryPlan>();
            for (var i = 0; i < (question.Reach == Reach.Everything ? 1 : Runs + 1); i++)
            {
                runs.Add(QueryPlan.Parse((string)(await ScalarAsync(
                    connection, $"explain (analyze, buffers, timing off, format json) {question.Text}", cancellationToken))!));
            }

            if (runs.Count > 1)
            {
                runs.RemoveAt(0);
            }

            context.Say(string.Create(CultureInfo.InvariantCulture, $"{question.Name}: {runs[0].Milliseconds:0.0} ms"));
            plans.Add((question, runs));
        }

        return new Measured(plans, images, groups, seconds);
    }

    private static async Task<IReadOnlyList<string>> ReadViewsAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = Command(
            connection,
            """
            select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'cpf' and c.relkind = 'v' and has_table_privilege('cpf_reader', c.oid, 'select')
            """);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var views = new List<string>();
        while (await reader.ReadAsync(cancellationToken))
        {
            views.Add(reader.GetString(0));
        }

        return views;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(connection, sql);
        return await command.ExecuteScalarAsync(cancellationToken);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql) =>
#pragma warning disable CA2100 // Constants of this program and of the cookbook.
        new(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100

    private sealed record Measured(
        IReadOnlyList<(SqlQuestion Question, IReadOnlyList<QueryPlan> Runs)> Plans, long Images, long Groups, double Seconds)
    {
        public IReadOnlyList<QueryPlan> RunsOf(SqlQuestion question) => Plans.Single(p => p.Question.Name == question.Name).Runs;
    }
}
