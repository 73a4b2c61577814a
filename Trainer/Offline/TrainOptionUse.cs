using CpfPipeline.CommandLine;
using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Refuses options of <c>train</c> that would have no effect: a user who gives one expects an effect.</summary>
internal static class TrainOptionUse
{
    /// <exception cref="UsageException">An option has no effect beside the others.</exception>
    public static void Check(TrainSettings settings)
    {
        var loss = settings.Loss ?? LossChoice.Cpf;
        var headRate = ("--head-rate", settings.HeadRate is not null);
        var centreRate = ("--centre-rate", settings.CentreRate is not null);
        if (settings.Unlabelled)
        {
            RefuseWith("--unlabelled", ("--catalogue", settings.Catalogue is not null), headRate);
            if (settings.Depth == "head")
            {
                RefuseWith(
                    "--unlabelled --depth head", ("--loss", settings.Loss is not null), ("--preset", settings.Preset is not null),
                    centreRate, ("--epochs", settings.Epochs is not null), ("--backbone-rate", settings.BackboneRate is not null),
                    ("--from-scratch", settings.FromScratch), ("--classes-per-batch", settings.ClassesPerBatch is not null),
                    ("--pictures-per-class", settings.PicturesPerClass is not null), ("--checkpoint", settings.Checkpoint is not null));
            }

            if (settings.Images.Length > 1)
            {
                throw new UsageException("--unlabelled takes one folder: give --images once");
            }
        }
        else if (settings.Depth != "full")
        {
            RefuseWith("--depth head", ("--backbone-rate", settings.BackboneRate is not null), ("--from-scratch", settings.FromScratch));
        }

        if (loss != LossChoice.Cpf)
        {
            RefuseWith($"--loss {loss}", ("--preset", settings.Preset is not null));
        }

        if (loss == LossChoice.MultiSimilarity)
        {
            RefuseWith($"--loss {loss}", centreRate);
        }

        if (loss == "none")
        {
            RefuseWith(
                "--loss none", headRate, centreRate, ("--epochs", settings.Epochs is not null),
                ("--classes-per-batch", settings.ClassesPerBatch is not null),
                ("--pictures-per-class", settings.PicturesPerClass is not null));
        }
    }

    private static void RefuseWith(string mode, params (string Name, bool IsGiven)[] options)
    {
        if (options.FirstOrDefault(o => o.IsGiven).Name is { } option)
        {
            throw new UsageException($"{option} has no effect with {mode}");
        }
    }
}
