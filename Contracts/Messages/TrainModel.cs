using System.Text.Json.Serialization;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Contracts;

/// <summary>
/// Command: train a model and hand over to it if it is better, or hand over to a model that is there. Sent to the queue
/// <c>cpf.train-model</c>, from MassTransit or as plain JSON; answered by <see cref="TrainingFinished"/>. While a run is in progress it
/// starts no other, and the answer is about that run.
/// </summary>
/// <remarks>
/// A repeat, also after the run has ended, starts nothing and is answered as the first one was. <see cref="NotAfter"/> bounds how late it
/// may be.
/// </remarks>
public sealed record TrainModel
{
    /// <summary>Chosen by the sender: a command with the key of an earlier one starts nothing new, however that one ended.</summary>
    public required string IdempotencyKey { get; init; }

    /// <summary>
    /// <c>training</c> (default): a new head; <c>threshold</c>: another threshold on the active head; <c>activation</c>: the model
    /// <see cref="ModelId"/>. An activation is not begun while another run is in progress, and the answer says so.
    /// </summary>
    public string? Kind { get; init; }

    /// <summary>The precision that the threshold is to have on validation, 0 to 1; null: the best F1.</summary>
    public double? TargetPrecision { get; init; }

    /// <summary>With kind <c>activation</c>: the model to make the active one.</summary>
    [JsonNumberHandling(JsonIds.AsText)]
    public long? ModelId { get; init; }

    /// <summary>
    /// Not begun after this time, so that an order does not take effect long after it was given; the answer says so. Null: it stands
    /// however late it arrives.
    /// </summary>
    public DateTimeOffset? NotAfter { get; init; }
}
