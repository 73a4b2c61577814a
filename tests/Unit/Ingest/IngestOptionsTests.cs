using System.ComponentModel.DataAnnotations;
using CpfPipeline.Ingest;
using Xunit;

namespace CpfPipeline.Tests.Unit.Ingest;

public sealed class IngestOptionsTests
{
    [Theory]
    [InlineData("AllowedHosts", "http://shop.example", "Ingest:AllowedHosts holds \"http://shop.example\"")]
    [InlineData("DeniedHosts", "*", "Ingest:DeniedHosts holds \"*\"")]
    [InlineData("Nat64Prefixes", "64:ff9b::/97", "Ingest:Nat64Prefixes holds \"64:ff9b::/97\"")]
    [InlineData("Buckets", "Photos", "Ingest:S3:Buckets holds \"Photos\"")]
    [InlineData("Buckets", "photos\n", "Ingest:S3:Buckets holds \"photos\n\"")]
    [InlineData("Buckets", "photos/2026\n", "Ingest:S3:Buckets holds \"photos/2026\n\"")]
    [InlineData("Endpoint", "objects.example:9000", "Ingest:S3:Endpoint is \"objects.example:9000\"")]
    [InlineData("Buckets", "photos", "Ingest:S3:Region must be given")]
    public void Validate_MalformedSetting_SaysWhich(string name, string value, string message)
    {
        var options = new IngestOptions();
        switch (name)
        {
            case "AllowedHosts": options.AllowedHosts.Add(value); break;
            case "DeniedHosts": options.DeniedHosts.Add(value); break;
            case "Nat64Prefixes": options.Nat64Prefixes.Add(value); break;
            case "Buckets": options.S3.Buckets.Add(value); break;
            default: options.S3.Endpoint = value; break;
        }

        Assert.Contains(
            options.Validate(new ValidationContext(options)), r => r.ErrorMessage!.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_Defaults_AreRight()
    {
        var options = new IngestOptions();
        Assert.Empty(options.Validate(new ValidationContext(options)));
        Assert.False(options.S3.IsEnabled);
    }
}
