namespace CpfPipeline.Trainer.Hub;

/// <summary>A backbone that is known to fit, by a short name.</summary>
/// <param name="Name">What a person writes.</param>
/// <param name="Repository">Where it is.</param>
/// <param name="File">Its graph in there; null: where the hub's conventions put it.</param>
/// <param name="Dimension">Values of its feature.</param>
/// <param name="Licence">The weights' licence as their authors publish it. The one that the hub gives is recorded.</param>
internal sealed record KnownBackbone(string Name, HubName Repository, string? File, int Dimension, string Licence)
{
    private const string VisionTower = "onnx/vision_model.onnx";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<KnownBackbone> All { get; } =
    [
        new("dinov2-small", Of("Xenova", "dinov2-small"), null, 384, "apache-2.0"),
        new("dinov2-base", Of("Xenova", "dinov2-base"), null, 768, "apache-2.0"),
        new("siglip2-base", Of("onnx-community", "siglip2-base-patch16-224-ONNX"), VisionTower, 768, "apache-2.0"),
        new("clip-vit-b32", Of("Xenova", "clip-vit-base-patch32"), VisionTower, 512, "mit"),
        new("unicom-b16", Of("Qdrant", "Unicom-ViT-B-16"), null, 768, "apache-2.0"),
    ];

    private static HubName Of(string owner, string name) => new(owner, name, HubName.DefaultRevision);
}
