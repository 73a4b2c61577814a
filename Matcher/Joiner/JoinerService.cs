using CpfPipeline.Joiner.Devices;
using CpfPipeline.Matcher;

namespace CpfPipeline.Joiner;

/// <summary>
/// Puts the Joiner together: a process that computes tiles of joins, on a device where there is one, and does nothing else.
/// </summary>
internal static class JoinerService
{
    /// <summary>The service, ready to run.</summary>
    /// <param name="args">Command line; <c>--Key value</c> overrides configuration.</param>
    public static WebApplication Build(string[] args) => MatcherService.BuildJoiner("Joiner", args, builder =>
    {
        builder.Services.AddOptions<JoinerOptions>().BindConfiguration(JoinerOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<DeviceKernel>();
        builder.Services.AddSingleton(services => services.GetRequiredService<DeviceKernel>().Factory);
    });
}
