using CpfPipeline.Hosting.Background;

namespace CpfPipeline.Matcher.Handover;

/// <summary>Looks twice a second whether the Trainer asks for something.</summary>
internal sealed class HandoverLoop(ShadowKeeper keeper, TimeProvider time, ILogger<HandoverLoop> logger)
    : BackgroundLoop("handover", Pause, time, logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    protected override Task StepAsync(CancellationToken cancellationToken) => keeper.RunOnceAsync(cancellationToken);
}
