namespace CpfPipeline.Cli.Demo;

/// <summary>An image with what is known about it and the group it was put in.</summary>
/// <param name="Group">Its match group; null when it is in none, which counts as a group of its own.</param>
/// <param name="ProductKey">The product it shows.</param>
/// <param name="Original">The picture it is a copy of, or itself. Pictures with one original show one product.</param>
internal sealed record GroupedImage(long? Group, string ProductKey, string Original);
