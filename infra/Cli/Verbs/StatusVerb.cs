using System.Globalization;
using CpfPipeline.Cli.Arguments;
using CpfPipeline.Cli.Local;
using Npgsql;
using Spectre.Console;

namespace CpfPipeline.Cli.Verbs;

internal sealed class StatusVerb : IVerb
{
    private static readonly Option Json = new("--json", "print JSON");

    public string Name => "status";

    public string Summary => "services, queues, images, pending work, active model, last reconcile";

    public string Usage => "[--json]";

    public IReadOnlyList<Option> Options => [Json];

    public int MaxPositionals => 0;

    public async Task<ExitCode> RunAsync(ParsedArguments arguments, CancellationToken cancellationToken)
    {
        var installation = Installation.Load();
        using var client = new HealthClient();
        var services = await Task.WhenAll(Service.All.Select(async service =>
        {
            var process = ProcessRecord.Read(installation, service.Key);
            if (!installation.State.Ports.ContainsKey(service.Key))
            {
                return (new ServiceStatus(service.Name, false, null, "", null, []), HealthReport.None);
            }

            var report = process is null ? HealthReport.None : await client.ReadAsync(installation.Url(service), cancellationToken);
            return (new ServiceStatus(service.Name, report.Healthy, report.Version, installation.Url(service).ToString(), process?.Pid, report.Problems), report);
        }));
        PipelineCounts? counts = null;
        try
        {
            counts = await PipelineCounts.ReadAsync(installation.PostgresService, cancellationToken);
        }
        catch (NpgsqlException) when (services.All(s => s.Item1.Pid is null))
        {
            throw CommandException.Infrastructure("nothing runs in this checkout: infra/cpf up starts it");
        }
        catch (NpgsqlException e)
        {
            await Console.Error.WriteLineAsync($"cpf: PostgreSQL does not answer: {e.Message.ReplaceLineEndings(" ")}");
        }

        var status = StatusReport.Of(services, counts);
        if (arguments.Has(Json))
        {
            Console.WriteLine(status.ToJson());
        }
        else
        {
            Write(status);
        }

        return status.Services.All(s => s.Healthy) && counts is not null ? ExitCode.Done : ExitCode.Infrastructure;
    }

    private static void Write(StatusReport status)
    {
        var table = new Table().RoundedBorder().AddColumns("service", "health", "version", "address", "pid");
        foreach (var service in status.Services)
        {
            var health = service.Pid is null ? "[red]not running[/]" : service.Healthy ? "[green]healthy[/]" : "[yellow]not ready[/]";
            table.AddRow(
                new Markup(service.Name),
                new Markup(health + string.Concat(service.Problems.Select(p => "\n" + Markup.Escape(p)))),
                new Markup(Markup.Escape(Short(service.Version ?? ""))),
                new Markup(Markup.Escape(service.Url)),
                new Markup(service.Pid?.ToString(CultureInfo.InvariantCulture) ?? ""));
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 160; // nothing to fit into: keep a row on its line
        }

        AnsiConsole.Write(table);
        foreach (var (name, length) in status.Queues)
        {
            Line($"queue {name}", string.Create(CultureInfo.InvariantCulture, $"{length} waiting"));
        }

        if (status.Images is { } images)
        {
            Line("images", string.Create(CultureInfo.InvariantCulture, $"{images.Stored} stored, {images.Received} received, {images.Rejected} rejected, {images.Retracted} retracted"));
            Line("contents", string.Create(CultureInfo.InvariantCulture, $"{status.Contents}"));
            Line("pending", string.Create(CultureInfo.InvariantCulture, $"{status.Pending}, not reconciled {status.Unreconciled}"));
        }

        Line("active model", status.ActiveModel is { } model
            ? string.Create(CultureInfo.InvariantCulture, $"{model.ModelId} with threshold {model.Threshold}, head {model.HeadId}, backbone {model.Backbone[..12]}")
            : "none");
        Line("runs on", status.ExecutionProvider ?? "unknown");
        Line("last reconcile", status.LastReconcile is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{last.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, {last.Contents} contents, recall {last.Recall:0.####}")
            : "none");
    }

    /// <summary>A version with its commit cut to eight digits.</summary>
    private static string Short(string version)
    {
        var plus = version.IndexOf('+');
        return plus < 0 ? version : version[..Math.Min(version.Length, plus + 9)];
    }

    private static void Line(string name, string value) => Console.WriteLine($"{name,-28} {value}");
}
