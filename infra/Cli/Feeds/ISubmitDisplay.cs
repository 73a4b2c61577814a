namespace CpfPipeline.Cli.Feeds;

/// <summary>Shows a run of feeds while it goes on.</summary>
internal interface ISubmitDisplay
{
    void Show(SubmitProgress progress);

    /// <summary>The last phase began.</summary>
    void ShowReconciling();

    /// <summary>Everything is matched and reconciled.</summary>
    void ShowReconciled();
}
