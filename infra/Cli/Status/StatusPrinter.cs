using System.Globalization;
using CpfPipeline.Cli.Display;
using Spectre.Console;

namespace CpfPipeline.Cli.Status;

/// <summary>Prints a status for a person.</summary>
internal static class StatusPrinter
{
    public static void Write(StatusReport status)
    {
        var table = new Table().RoundedBorder().AddColumns("service", "health", "version", "address", "pid");
        foreach (var service in status.Services)
        {
            var health = service.Pid is null ? "[red]not running[/]" : service.Healthy ? "[green]healthy[/]" : "[yellow]not ready[/]";
            var said = service.Problems.Append(service.Preparing).OfType<string>();
            table.AddRow(
                new Markup(service.Name),
                new Markup(health + string.Concat(said.Select(p => "\n" + Markup.Escape(p)))),
                new Text(Short(service.Version ?? "")),
                new Text(service.Url),
                new Text(service.Pid?.ToString(CultureInfo.InvariantCulture) ?? ""));
        }

        TableWidth.WidenWhenRedirected();
        AnsiConsole.Write(table);
        foreach (var (name, length) in status.Queues)
        {
            Line($"queue {name}", $"{length} waiting");
        }

        if (status.Supervisor is { } supervisor)
        {
            Line("supervisor", $"{Sentence(supervisor)}");
        }

        if (status.IntakeClosed is { } why)
        {
            Line("intake", $"closed: {why}");
        }

        if (status.Images is { } images)
        {
            Line("images", $"{images.Stored} stored, {images.Received} received, {images.Rejected} rejected, {images.Retracted} retracted");
            Line("contents", $"{status.Contents}");
            Line("not matched", $"{status.Unmatched} images");
            Line("pending", $"{status.Pending}, not reconciled {status.Unreconciled}");
            Line("outbox", $"{status.Outbox} to publish");
        }

        Line("groups", $"{status.Exactness}{(status.ExactnessReasons.Count == 0 ? "" : ": ")}{string.Join(", ", status.ExactnessReasons)}");
        Line("active model", status.ActiveModel is { } model
            ? (FormattableString)$"{model.ModelId} with threshold {model.Threshold}, head {model.HeadId}, backbone {model.Backbone[..12]}"
            : $"none");
        if (status.Handover is { } next)
        {
            Line("next model", $"{next.ModelId}, {next.Progress:0%}{(next.Message is null ? "" : ": ")}{next.Message}");
        }

        Line("runs on", $"{status.ExecutionProvider ?? "unknown"}");
        Line("last reconcile", status.LastReconcile is { } last
            ? (FormattableString)$"{last.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, {last.Contents} contents, recall {last.Recall:0.####}"
            : $"none");
    }

    /// <summary>Whether there is one, what it started again, and what keeps dying.</summary>
    internal static string Sentence(SupervisorStatus supervisor)
    {
        var restarts = supervisor.Restarts.Where(r => r.Value > 0).Select(r => string.Create(
            CultureInfo.InvariantCulture, $"{r.Key} {r.Value}"));
        return (supervisor.Pid is null ? "not running: what dies stays dead until infra/cpf up" : "running")
            + (supervisor.Restarts.Values.Any(n => n > 0) ? $"; restarts: {string.Join(", ", restarts)}" : "; no restarts")
            + string.Concat(supervisor.KeepsDying.Select(d => $"; {d.Key} {d.Value}: infra/cpf logs {d.Key}"));
    }

    /// <summary>A version with its commit cut to eight digits.</summary>
    private static string Short(string version)
    {
        var plus = version.IndexOf('+');
        return plus < 0 ? version : version[..Math.Min(version.Length, plus + 9)];
    }

    private static void Line(string name, FormattableString value) =>
        Console.WriteLine($"{name,-28} {value.ToString(CultureInfo.InvariantCulture)}");
}
