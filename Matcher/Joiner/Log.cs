namespace CpfPipeline.Joiner;

internal static partial class Log
{
    [LoggerMessage(3101, LogLevel.Information, "Candidates are found by {Provider} in {Type}")]
    public static partial void FindsBy(ILogger logger, string provider, string type);

    [LoggerMessage(3103, LogLevel.Error, "The device failed; the Matcher's own kernel finds candidates from now on: {Reason}")]
    public static partial void DeviceLost(ILogger logger, string reason);

    [LoggerMessage(3102, LogLevel.Warning, "No device is used, the Matcher's own kernel finds candidates: {Reason}")]
    public static partial void NoDevice(ILogger logger, string reason);
}
