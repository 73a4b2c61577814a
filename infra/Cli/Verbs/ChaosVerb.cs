using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CpfPipeline.Cli.Installations;
using CpfPipeline.Cli.Suites;
using Spectre.Console.Cli;

namespace CpfPipeline.Cli.Verbs;

internal sealed class ChaosVerb : AsyncCommand<ChaosVerb.Settings>
{
    public override async Task<int> ExecuteAsync(CommandContext context, Settings settings, CancellationToken cancellationToken)
    {
        var installation = Installation.LoadOrCreate();
        using var held = InstallationLock.Acquire(installation);
        return (int)await ChaosProgram.RunAsync(
            installation,
            new Dictionary<string, string>
            {
                ["CPF_CHAOS_MINUTES"] = settings.Minutes.ToString(CultureInfo.InvariantCulture),
                ["CPF_CHAOS_SEED"] = settings.Seed.ToString(CultureInfo.InvariantCulture),
                ["CPF_CHAOS_EACH"] = settings.Each.ToString(CultureInfo.InvariantCulture),
            },
            cancellationToken);
    }

    internal sealed class Settings : CommandSettings
    {
        [CommandOption("--minutes <N>")]
        [Description("So long things break, 0.1 to 600. The calm run and the settling come on top. Default: 2.")]
        [Range(0.1, 600)]
        [DefaultValue(2.0)]
        public double Minutes { get; init; } = 2;

        [CommandOption("--seed <S>")]
        [Description("Makes the inputs and the order of what breaks. Default: 1.")]
        [Range(0, int.MaxValue)]
        [DefaultValue(1)]
        public int Seed { get; init; } = 1;

        [CommandOption("--each <N>")]
        [Description("1 or 2 processes of each service. Default: 1.")]
        [Range(1, 2)]
        [DefaultValue(1)]
        public int Each { get; init; } = 1;
    }
}
