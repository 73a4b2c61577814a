using CpfPipeline.Data.Handover;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Nights.Handover;

/// <summary>Asks the Matcher for the groups of a shadow model and for its activation, and waits.</summary>
public sealed class MatcherWait(ModelPreparationStore store, TimeProvider time)
{
    // What was to blame for the first failure may pass, such as a process that died at a bad moment.
    private const int MaxFailures = 3;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    /// <summary>Waits until everything is grouped under the model.</summary>
    /// <exception cref="InvalidDataException">It cannot be grouped.</exception>
    public async Task GroupsAsync(long modelId, Action<double, string?> report, CancellationToken cancellationToken)
    {
        while (true)
        {
            await store.AskGroupsAsync(modelId, cancellationToken);
            var preparation = await store.ReadAsync(modelId, cancellationToken);
            if (preparation.IsGrouped || preparation.ModelState == ModelState.Active)
            {
                return;
            }

            await LookAsync(modelId, preparation, "grouping everything under the new model", report, cancellationToken);
        }
    }

    /// <summary>Waits until the model is the active one.</summary>
    /// <exception cref="InvalidDataException">It cannot be grouped.</exception>
    public async Task ActivationAsync(long modelId, Action<double, string?> report, CancellationToken cancellationToken)
    {
        while (true)
        {
            await store.AskActivationAsync(modelId, cancellationToken);
            var preparation = await store.ReadAsync(modelId, cancellationToken);
            if (preparation.ModelState == ModelState.Active)
            {
                return;
            }

            await LookAsync(modelId, preparation, "catching up and activating", report, cancellationToken);
        }
    }

    private async Task LookAsync(
        long modelId, ModelPreparation preparation, string what, Action<double, string?> report, CancellationToken cancellationToken)
    {
        if (preparation.ModelState != ModelState.Shadow)
        {
            throw new InvalidOperationException($"model {modelId} is {preparation.ModelState}, not the shadow any more");
        }

        if (preparation.Failures >= MaxFailures)
        {
            throw new InvalidDataException(
                $"the Matcher has tried {preparation.Failures} times to group everything under model {modelId}. It {preparation.Message}");
        }

        report(preparation.Progress, PreparationMessage.Of(preparation, what));
        await Task.Delay(Interval, time, cancellationToken);
    }
}
