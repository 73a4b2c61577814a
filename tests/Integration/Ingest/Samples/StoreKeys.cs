namespace CpfPipeline.Tests.Integration.Ingest.Samples;

/// <summary>Credentials where the AWS SDK looks first, so that it looks nowhere else.</summary>
internal static class StoreKeys
{
    public static void Set()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", "TESTKEY");
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", "no secret at all");
        Environment.SetEnvironmentVariable("AWS_EC2_METADATA_DISABLED", "true");
    }
}
