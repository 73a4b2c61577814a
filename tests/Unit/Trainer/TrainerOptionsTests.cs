using System.ComponentModel.DataAnnotations;
using CpfPipeline.Nights;
using CpfPipeline.Trainer;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer;

public sealed class TrainerOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreGood() => Assert.Empty(ProblemsOf(new TrainerOptions()));

    [Fact]
    public void Validate_BadSettings_NameTheSetting()
    {
        Assert.Contains("Trainer:ScheduleTimeZone", Assert.Single(ProblemsOf(new TrainerOptions { ScheduleTimeZone = "Mars/Olympus" })),
            StringComparison.Ordinal);
        Assert.Contains("MaxChurn", Assert.Single(ProblemsOf(new NightOptions { MaxChurn = 1.5 })), StringComparison.Ordinal);
        Assert.Contains("Trainer:WorkFolder", Assert.Single(ProblemsOf(new NightOptions { WorkFolder = "" })), StringComparison.Ordinal);
    }

    private static List<string> ProblemsOf(object options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return [.. results.Select(r => r.ErrorMessage!)];
    }
}
