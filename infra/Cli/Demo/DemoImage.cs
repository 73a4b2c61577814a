namespace CpfPipeline.Cli.Demo;

/// <summary>A live image of the demonstration.</summary>
/// <param name="Group">Its match group, also when it is alone in it; null when it has none.</param>
internal sealed record DemoImage(string Source, string ExternalId, string ProductKey, long? Group, long Content);
