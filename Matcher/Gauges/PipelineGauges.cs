using System.Diagnostics.Metrics;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Bus;

namespace CpfPipeline.Matcher.Gauges;

/// <summary>
/// What is true of the whole pipeline and not of one process. Only the Matcher that has read it last and may say so has values, so that a
/// sum over all processes counts everything once.
/// </summary>
internal sealed class PipelineGauges
{
    private static readonly Measurement<long>[] NoNumber = [];
    private static readonly Measurement<double>[] NoValue = [];

    private volatile PipelineReading? _reading;
    private volatile IReadOnlyDictionary<string, uint>? _queues;

    public PipelineGauges(IMeterFactory meters)
    {
        var meter = meters.Create(CpfTelemetry.Name);
        meter.CreateObservableGauge(
            "cpf.pipeline.waiting", () => (_reading?.Stages ?? []).Select(s => Of(s.Waiting, ("stage", s.Name))), null,
            "What waits at each stage, counted up to 100,000.");
        meter.CreateObservableGauge(
            "cpf.pipeline.oldest_waiting", () => (_reading?.Stages ?? []).Select(s => Of(s.OldestAge.TotalSeconds, ("stage", s.Name))), "s",
            "How long the oldest that waits at each stage has waited; 0 when none does.");
        meter.CreateObservableGauge(
            "cpf.pipeline.tombstones", () => _reading is { } r ? [Of(r.Tombstones)] : NoNumber, null,
            "What was erased and may not come back.");
        meter.CreateObservableGauge("cpf.queue.messages", Queues, null, "Messages ready in each queue of the broker.");
        meter.CreateObservableGauge(
            "cpf.model.active", () => _reading is { } r ? [Of(r.Model?.ModelId ?? 0)] : NoNumber, null,
            "Id of the active model; 0 while there is none.");
        meter.CreateObservableGauge(
            "cpf.model.threshold", () => _reading?.Model is { } model ? [Of(model.Threshold)] : NoValue, null,
            "The active model's threshold, a similarity.");
        meter.CreateObservableGauge(
            "cpf.model.churn", () => _reading?.Churn is { } churn ? [Of(churn)] : NoValue, "1",
            "Share of the contents in groups whose companions differ under the model that was compared last.");
        meter.CreateObservableGauge(
            "cpf.matcher.search_recall", () => _reading?.SearchRecall is { } recall ? [Of(recall)] : NoValue, "1",
            "Of the pairs that the last reconcile found, the share that the online search had found.");
        meter.CreateObservableGauge(
            "cpf.pipeline.last_training",
            () => _reading?.LastTrainingAt is { } at ? [Of(at.ToUnixTimeMilliseconds() / 1000.0)] : NoValue, "s",
            "When a training last ended without failing, since 1970.");
    }

    /// <summary>Replaces what the database tells; null: it is another process's to say.</summary>
    public void Set(PipelineReading? reading) => _reading = reading;

    /// <summary>Replaces what the broker tells; null: not known, or another process's to say.</summary>
    public void Set(IReadOnlyDictionary<string, uint>? queues) => _queues = queues;

    private static Measurement<long> Of(long value, params (string Name, string Value)[] labels) => new(value, Labels(labels));

    private static Measurement<double> Of(double value, params (string Name, string Value)[] labels) => new(value, Labels(labels));

    private static IEnumerable<KeyValuePair<string, object?>> Labels((string Name, string Value)[] labels) =>
        labels.Select(label => new KeyValuePair<string, object?>(label.Name, label.Value));

    private IEnumerable<Measurement<long>> Queues()
    {
        if (_queues is not { } queues)
        {
            return [];
        }

        // Queues of failed messages come with their first message: until then they hold none.
        return Topology.Bindings.SelectMany(binding => new[]
            {
                Length(binding.Queue, "ready", binding.Queue),
                Length(binding.Queue, "error", $"{binding.Queue}_error"),
                Length(binding.Queue, "skipped", $"{binding.Queue}_skipped"),
            })
            .Append(Length(Topology.DeadLetterQueue, "dead_letter", Topology.DeadLetterQueue));

        Measurement<long> Length(string queue, string kind, string name) =>
            Of((long)queues.GetValueOrDefault(name), ("queue", queue), ("kind", kind));
    }
}
