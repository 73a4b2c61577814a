using CpfPipeline.Ingest.Images;
using CpfPipeline.Vocabulary;
using CsCheck;

namespace CpfPipeline.Tests.Unit.Ingest.Images;

/// <summary>Versions of one image, few enough values of everything for ties.</summary>
internal static class Changes
{
    private static readonly string?[] Keys = [null, "a", "\uFF5E", "\U0001F600"];

    public static Gen<ImageVersion> Any { get; } = Gen.Select(
        Gen.Int[0, 4], Gen.Long[1, 3], Gen.Int[0, 3], Gen.Int[0, 3].Select(i => Keys[i]), Gen.Bool.Select(b => b ? "global" : "source"),
        (state, revision, n, key, scope) => state switch
        {
            0 => Received(revision),
            1 => Rejected(revision, n < 2 ? "empty" : "not_found"),
            2 => Stored(revision, n) with { ProductKey = key, KeyScope = key is null ? "source" : scope },
            3 => Rejected(ImageChange.NoRevision, "invalid_submission"),
            _ => Retracted(revision),
        });

    public static ImageVersion Received(long revision) => Of(revision, ImageState.Received);

    public static ImageVersion Rejected(long revision, string reason) => Of(revision, ImageState.Rejected) with { Reason = reason };

    public static ImageVersion Retracted(long revision) => Of(revision, ImageState.Retracted) with { Uri = "" };

    public static ImageVersion Stored(long revision, int content) => Of(revision, ImageState.Stored) with { ContentId = content };

    private static ImageVersion Of(long revision, string state) =>
        new() { Uri = "http://example.com/x", Revision = revision, State = state };
}
