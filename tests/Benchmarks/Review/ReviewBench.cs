using System.Diagnostics;
using CpfPipeline.Data.Models;
using CpfPipeline.Matcher.Review;
using CpfPipeline.Tests.Benchmarks.Running;
using CpfPipeline.Tests.Benchmarks.Servers;

namespace CpfPipeline.Tests.Benchmarks.Review;

/// <summary>
/// How long a reviewer's queue takes to read over a large catalogue, before and after thousands of answers at the threshold.
/// </summary>
internal sealed class ReviewBench : IPipelineBench
{
    private const int Contents = 1_000_000;
    private const int PairsPerContent = 5;
    private const int Reads = 40;
    private const int Answers = 5_000;
    private const double Threshold = 0.85;
    private const double MaxMilliseconds = 200;

    public string Name => "review-1m";

    public string Summary => $"the queue of pairs over {Contents:N0} contents and {Contents * PairsPerContent:N0} kept pairs";

    public bool OnlyWhenNamed => true;

    public async Task<BenchReport> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var servers = await context.OpenServersAsync(cancellationToken);
        var models = new ModelStore(servers.DataSource);
        await models.RegisterActiveAsync(
            new NewModel(new byte[32], 8, "{}", new byte[32], 256, Threshold, "{}"), (_, _) => [], cancellationToken);
        var model = (await models.GetActiveAsync(cancellationToken))!;
        await FillAsync(servers, model, context, cancellationToken);
        var queue = new PairQueue(servers.DataSource);
        var fresh = await MeasureAsync(queue, model, cancellationToken);
        context.Say(FormattableString.Invariant($"read {Reads} times, p95 {P95(fresh):0.0} ms"));

        // Every open pair nearest to the threshold: half of them by verdicts, half unsure. All are passed over from then on.
        await servers.ExecuteAsync(
            FormattableString.Invariant($"""
            create temp table nearest as select content_a, content_b, row_number() over () as n
                from cpf.matches where head_id = {model.HeadId} order by abs(similarity - {Threshold}) limit {Answers};
            insert into cpf.review_requests (request_id, who, body_sha256)
                values ('00000000-0000-0000-0000-000000000001', 'ann', sha256(''));
            insert into cpf.verdicts (content_a, content_b, verdict, who)
                select content_a, content_b, 'different', 'ann' from nearest where n % 2 = 0;
            insert into cpf.review_answers (request_id, content_a, content_b, word, who)
                select '00000000-0000-0000-0000-000000000001', content_a, content_b, 'unsure', 'ann' from nearest where n % 2 = 1;
            analyze cpf.verdicts; analyze cpf.review_answers
            """), cancellationToken);
        var later = await MeasureAsync(queue, model, cancellationToken);
        context.Say(FormattableString.Invariant($"after {Answers:N0} answers p95 {P95(later):0.0} ms"));
        return new BenchReport(
            $"{Contents:N0} contents with a listing each of one of 7 sources, {PairsPerContent} kept pairs a content with similarities "
                + "from 0.65 to 1, made in the database",
            [
                Figure.Of("reading the queue", fresh, "ms"),
                new Figure("the same, 95th of a hundred", P95(fresh), "ms").Below(MaxMilliseconds),
                Figure.Of($"reading it after {Answers:N0} answers at the threshold", later, "ms"),
                new Figure("the same, 95th of a hundred", P95(later), "ms").Below(MaxMilliseconds),
            ],
            ["The queue is 200 pairs with their ranks; a page reads it once. Pictures are not part of it: they are fetched ahead."]);
    }

    private static async Task FillAsync(BenchServers servers, ServingModel model, BenchContext context, CancellationToken cancellationToken)
    {
        // Ids are spread as hashes are, so that neighbours in an index are not neighbours in the table.
        const string Id = "((i * 2654435761) % 4294967291)";
        foreach (var (what, sql) in new[]
        {
            ("contents", $"""
                insert into cpf.contents (content_id, sha256, format, width, height, byte_length)
                select {Id}, sha256(i::text::bytea), 'jpeg', 800, 800, 90000 from generate_series(1::bigint, {Contents}) as i
                """),
            ("listings", $"""
                insert into cpf.images (image_id, source, external_id, uri, content_id, state, revision, product_key)
                select gen_random_uuid(), 'shop' || i % 7, i::text, 'https://h/' || i, {Id}, 'stored', 1, 'sku-' || i / 3
                from generate_series(1::bigint, {Contents}) as i
                """),
            ("members", $"""
                insert into cpf.group_members (model_id, content_id, group_id, component_id, reconciled)
                select {model.ModelId}, {Id}, {Id}, {Id}, true from generate_series(1::bigint, {Contents}) as i
                """),
            ("pairs", $"""
                insert into cpf.matches (head_id, content_a, content_b, similarity)
                select {model.HeadId}, least(a, b), greatest(a, b), 0.65 + 0.35 * random()
                from (select {Id} as a, (((i + k * 7919) % {Contents} + 1) * 2654435761) % 4294967291 as b
                      from generate_series(1::bigint, {Contents}) as i, generate_series(1, {PairsPerContent}) as k) as p
                where a <> b
                on conflict do nothing
                """),
            ("statistics", "analyze cpf.contents; analyze cpf.images; analyze cpf.group_members; analyze cpf.matches"),
        })
        {
            var started = Stopwatch.GetTimestamp();
            await servers.ExecuteAsync(sql, cancellationToken);
            context.Say(FormattableString.Invariant($"{what}: {Stopwatch.GetElapsedTime(started).TotalSeconds:0} s"));
        }
    }

    private static async Task<double[]> MeasureAsync(PairQueue queue, ServingModel model, CancellationToken cancellationToken)
    {
        var milliseconds = new double[Reads];
        for (var i = 0; i < Reads; i++)
        {
            var started = Stopwatch.GetTimestamp();
            var pairs = await queue.ReadAsync(model, "ann", cancellationToken);
            milliseconds[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            if (pairs.Count != PairQueue.PairsInSight)
            {
                throw new InvalidOperationException($"The queue holds {pairs.Count} pairs.");
            }
        }

        return milliseconds;
    }

    private static double P95(IReadOnlyCollection<double> milliseconds) => milliseconds.Order().ElementAt(milliseconds.Count * 95 / 100);
}
