using CpfPipeline.Learning.Losses;

namespace CpfPipeline.Trainer.Offline;

/// <summary>Refuses options of <c>train</c> that would do nothing: whoever gives one expects something of it.</summary>
internal static class TrainOptionUse
{
    /// <exception cref="UsageException">An option has no effect beside the others.</exception>
    public static void Check(Arguments arguments)
    {
        var loss = arguments.Optional("loss") ?? LossChoice.Cpf;
        var (isUnlabelled, isFull) = (arguments.Has("unlabelled"), arguments.Optional("depth") == "full");
        if (isUnlabelled)
        {
            RefuseWith("--unlabelled", "precision", "catalogue", "head-rate");
            if (arguments.Optional("depth") is not (null or "full"))
            {
                throw new UsageException("--unlabelled trains at --depth full");
            }

            if (arguments.AtLeastOne("images").Count > 1)
            {
                throw new UsageException("--unlabelled takes one folder: give --images once");
            }
        }
        else if (!isFull)
        {
            RefuseWith("--depth head", "backbone-rate", "from-scratch");
        }

        if (loss != LossChoice.Cpf)
        {
            RefuseWith($"--loss {loss}", "preset");
        }

        if (loss == LossChoice.MultiSimilarity)
        {
            RefuseWith($"--loss {loss}", "centre-rate");
        }

        if (loss == "none")
        {
            RefuseWith("--loss none", "head-rate", "centre-rate", "epochs", "classes-per-batch", "pictures-per-class");
        }

        void RefuseWith(string mode, params string[] options)
        {
            if (options.FirstOrDefault(o => arguments.Has(o) || arguments.Optional(o) is not null) is { } option)
            {
                throw new UsageException($"--{option} has no effect with {mode}");
            }
        }
    }
}
