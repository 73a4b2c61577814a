using System.Security.Cryptography;
using CpfPipeline.Data.Ids;
using CpfPipeline.Ingest.Images;
using CsCheck;

namespace CpfPipeline.Tests.Unit.Ingest;

/// <summary>Changes of one image, few enough values of everything for ties.</summary>
internal static class Changes
{
    private static readonly string?[] Keys = [null, "a", "\uFF5E", "\U0001F600"];

    public static Gen<ImageChange> Any { get; } = Gen.Select(
        Gen.Int[0, 3], Gen.Long[1, 3], Gen.Int[0, 3], Gen.Int[0, 3].Select(i => Keys[i]), Gen.Bool.Select(b => b ? "global" : "source"),
        (state, revision, n, key, scope) => state switch
        {
            0 => Received(revision),
            1 => Rejected(revision, n < 2 ? "empty" : "not_found"),
            2 => Stored(revision, n) with { ProductKey = key, KeyScope = key is null ? "source" : scope },
            _ => Retracted(revision),
        });

    public static ImageChange Received(long revision) => Of(revision, ImageState.Received);

    public static ImageChange Rejected(long revision, string reason) => Of(revision, ImageState.Rejected) with { RejectReason = reason };

    public static ImageChange Retracted(long revision) => Of(revision, ImageState.Retracted) with { Uri = "" };

    public static ImageChange Stored(long revision, int content) => Of(revision, ImageState.Stored) with
    {
        Content = new ContentFacts(SHA256.HashData([(byte)content]), "jpeg", 10, 10, 1),
    };

    private static ImageChange Of(long revision, ImageState state) => new()
    {
        ImageId = ImageId.From("s", "x"),
        Source = "s",
        ExternalId = "x",
        Uri = "http://example.com/x",
        Revision = revision,
        State = state,
    };
}
