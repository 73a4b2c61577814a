using CpfPipeline.Vision.Decoders;

namespace CpfPipeline.Embedder;

internal static partial class Log
{
    [LoggerMessage(2001, LogLevel.Information,
        "Model {ModelId} ({State}) loaded: head {HeadId}, backbone {BackboneId}, features of {FeatureDim}, embeddings of {EmbeddingDim}")]
    public static partial void ModelLoaded(
        ILogger logger, long modelId, string state, long headId, long backboneId, int featureDim, int embeddingDim);

    [LoggerMessage(2002, LogLevel.Information, "Backbone {BackboneId} runs on {Provider} ({Devices})")]
    public static partial void RunsOn(ILogger logger, long backboneId, string provider, string devices);

    [LoggerMessage(2003, LogLevel.Information, "Backbone {BackboneId} runs on {Provider}, not on a GPU: {WhyNotGpu}")]
    public static partial void RunsOnCpu(ILogger logger, long backboneId, string provider, string whyNotGpu);

    [LoggerMessage(
        2004, LogLevel.Warning, "There is no active model yet; pictures wait. The Trainer registers the first one when it starts")]
    public static partial void NoModel(ILogger logger);

    [LoggerMessage(2006, LogLevel.Information, "Models changed while {Count} contents were embedded; embedding them under the new ones")]
    public static partial void ServingChanged(ILogger logger, int count);

    [LoggerMessage(2007, LogLevel.Warning, "Content {ContentId} rejected, {Reason}: {Detail}")]
    public static partial void ContentRejected(ILogger logger, long contentId, string reason, string detail);

    [LoggerMessage(
        2008, LogLevel.Warning, "Content {ContentId} has no embedding under head {HeadId} ({Reason}); the active model takes it")]
    public static partial void ShadowRefused(ILogger logger, long contentId, long headId, string reason);

    [LoggerMessage(2009, LogLevel.Error, "Content {ContentId} could not be embedded: {Reason}")]
    public static partial void ContentFailed(ILogger logger, long contentId, string reason);

    [LoggerMessage(2010, LogLevel.Warning, "{Count} contents go to the backfill queue one by one, the rest of their batch is stored")]
    public static partial void FailuresIsolated(ILogger logger, int count);

    [LoggerMessage(
        2011, LogLevel.Debug, "{Count} contents: {Decoded} decoded, {Stored} embeddings stored, {Rejected} rejected, in {Milliseconds} ms")]
    public static partial void Embedded(ILogger logger, int count, int decoded, int stored, int rejected, long milliseconds);

    [LoggerMessage(2012, LogLevel.Information, "{Workers} workers decode and run backbones, {Cores} cores")]
    public static partial void Workers(ILogger logger, int workers, int cores);

    [LoggerMessage(
        2013, LogLevel.Warning, "{Count} live contents have no embedding and nothing waits for them; they go to the backfill queue")]
    public static partial void MissedFound(ILogger logger, int count);

    [LoggerMessage(2014, LogLevel.Warning, "{Device} cannot be used and is left out: {Reason}")]
    public static partial void DeviceUnusable(ILogger logger, string device, string reason);

    [LoggerMessage(2015, LogLevel.Warning, "{Device}: {Rows} pictures do not fit into its memory, taking {Fewer} at once: {Reason}")]
    public static partial void BatchHalved(ILogger logger, string device, int rows, int fewer, string reason);

    [LoggerMessage(2016, LogLevel.Error, "{Device} is lost, {Count} times in a row; opening it again in {Pause}: {Reason}")]
    public static partial void DeviceLost(ILogger logger, string device, int count, TimeSpan pause, string reason);

    [LoggerMessage(2017, LogLevel.Information, "{Device} works again")]
    public static partial void DeviceRestarted(ILogger logger, string device);

    [LoggerMessage(2018, LogLevel.Error, "No device works any more; the CPU takes over, beginning with {Count} pictures that wait")]
    public static partial void CpuTakesOver(ILogger logger, int count);

    [LoggerMessage(2019, LogLevel.Warning, "CUDA runs what TensorRT was asked for: {Reason}")]
    public static partial void NotOnTensorRt(ILogger logger, string reason);

    [LoggerMessage(2020, LogLevel.Warning, "Content {ContentId} gets no rendition {Rendition}: {Reason}")]
    public static partial void NoRendition(ILogger logger, long contentId, string rendition, string reason);

    [LoggerMessage(
        2021, LogLevel.Information, "{Count} processes decode pictures. Walls around them: {Walls}. This system does not give: {Missing}")]
    public static partial void DecodersStarted(ILogger logger, int count, string walls, string missing);

    [LoggerMessage(2022, LogLevel.Warning, "A process that decoded was replaced ({Reason}): {Detail}")]
    public static partial void DecoderLost(ILogger logger, DecoderLoss reason, string detail);

    [LoggerMessage(2023, LogLevel.Debug, "A process that decoded was replaced after its number of pictures")]
    public static partial void DecoderRetired(ILogger logger);

    [LoggerMessage(2024, LogLevel.Warning,
        "Strangers' pictures are decoded with fewer walls than there should be; missing: {Missing}. RequireWalls refuses to start so")]
    public static partial void WallsMissing(ILogger logger, string missing);

    [LoggerMessage(2025, LogLevel.Warning, "Content {ContentId} was not looked at for being blank: its bytes cannot be read")]
    public static partial void BlankUnread(ILogger logger, long contentId, Exception exception);
}
