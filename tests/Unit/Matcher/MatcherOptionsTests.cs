using System.ComponentModel.DataAnnotations;
using CpfPipeline.Matcher;
using Xunit;

namespace CpfPipeline.Tests.Unit.Matcher;

public sealed class MatcherOptionsTests
{
    [Fact]
    public void Validate_Defaults_AreValid() => Assert.Empty(Validate(new MatcherOptions()));

    [Fact]
    public void Validate_OutOfRange_NamesTheSetting()
    {
        var results = Validate(new MatcherOptions { MaxOnlineComponent = 0, ReconcileWhenIdleFor = TimeSpan.Zero });

        Assert.Contains(results, r => r.ErrorMessage!.Contains(nameof(MatcherOptions.MaxOnlineComponent), StringComparison.Ordinal));
        Assert.Contains(results, r => r.ErrorMessage!.Contains(nameof(MatcherOptions.ReconcileWhenIdleFor), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.9, 0.7)]
    [InlineData(0.1, 0)]
    [InlineData(-0.5, -0.5)]
    public void NearestFloor_Threshold_IsBelowItButNotNegative(double threshold, double floor) =>
        Assert.Equal(floor, new MatcherOptions().NearestFloor(threshold), 12);

    private static List<ValidationResult> Validate(MatcherOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        return results;
    }
}
