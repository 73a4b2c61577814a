namespace CpfPipeline.Cli.Trainings;

/// <summary>Shows a run of the Trainer while it goes on.</summary>
internal interface ITrainingDisplay
{
    void Show(RunAnswer run);
}
