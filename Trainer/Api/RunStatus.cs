using CpfPipeline.Nights.Runs;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Trainer.Api;

/// <summary>Outcomes of asking for a run as HTTP status codes.</summary>
internal static class RunStatus
{
    public static int Of(RunAsked asked) => asked switch
    {
        RunAsked.Started => StatusCodes.Status202Accepted,
        RunAsked.Known known => TrainingRunState.HasEnded(known.Run.State) ? StatusCodes.Status200OK : StatusCodes.Status202Accepted,
        RunAsked.GoingOn or RunAsked.Impossible => StatusCodes.Status409Conflict,
        RunAsked.KeyTaken => StatusCodes.Status422UnprocessableEntity,
        RunAsked.UnknownModel => StatusCodes.Status404NotFound,
        RunAsked.Invalid => StatusCodes.Status400BadRequest,
        _ => throw new ArgumentOutOfRangeException(nameof(asked)),
    };
}
