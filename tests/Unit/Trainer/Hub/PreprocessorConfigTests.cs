using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;
using Xunit;

namespace CpfPipeline.Tests.Unit.Trainer.Hub;

public sealed class PreprocessorConfigTests
{
    private const string Colours = "\"image_mean\": [0.5, 0.4, 0.3], \"image_std\": [0.2, 0.3, 0.4]";

    // As the hub has them: DINOv2, SigLIP, CLIP of old, ConvNeXt of old and at 384, ViT of old, EfficientNet, MobileViT.
    [Theory]
    [InlineData("""{"do_center_crop": true, "crop_size": {"height": 192, "width": 192}, "size": {"shortest_edge": 256}, COLOURS}""",
        "192 shorter-side 256 bilinear 255 rgb 0.5")]
    [InlineData("""{"size": {"height": 224, "width": 160}, "resample": 2, COLOURS}""", "224x160 squash  bilinear 255 rgb 0.5")]
    [InlineData("""{"feature_extractor_type": "CLIPFeatureExtractor", "do_center_crop": true, "crop_size": 224, "size": 224, COLOURS}""",
        "224 shorter-side 224 bicubic 255 rgb 0.5")]
    [InlineData("""{"feature_extractor_type": "ConvNextFeatureExtractor", "crop_pct": 0.875, "size": 224, "resample": 3, COLOURS}""",
        "224 shorter-side 256 bicubic 255 rgb 0.5")]
    [InlineData("""{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 384}, "resample": 1, COLOURS}""",
        "384 squash  lanczos 255 rgb 0.5")]
    [InlineData("""{"size": 224, "resample": 0, COLOURS}""", "224 squash  nearest 255 rgb 0.5")]
    [InlineData("""{"size": 224, "rescale_factor": 0.00784313725490196, "rescale_offset": true, COLOURS}""",
        "224 squash  bilinear 127.5 rgb 1.5")]
    [InlineData("""{"size": 224, "do_rescale": false, "do_normalize": false, "do_flip_channel_order": true}""",
        "224 squash  bilinear 1 bgr 0")]
    [InlineData(
        """{"image_processor_type": "BitImageProcessor", "do_center_crop": true, "crop_size": 9, "size": {"shortest_edge": 12}, COLOURS}""",
        "9 shorter-side 12 bicubic 255 rgb 0.5")]
    [InlineData("""{"image_processor_type": "SiglipImageProcessor", "do_pad": false, "size": {"height": 224, "width": 224}, COLOURS}""",
        "224 squash  bicubic 255 rgb 0.5")]
    public void Parse_ConfigurationsOfTheHub_SayWhatTheNetworkTakes(string json, string expected)
    {
        var spec = PreprocessorConfig.Parse(json.Replace("COLOURS", Colours, StringComparison.Ordinal), "config");
        Assert.Equal(
            expected,
            FormattableString.Invariant(
                $"{spec.SizeText} {spec.ResizeText} {spec.Edge} {spec.KernelText} {spec.Divisor} {spec.ChannelsText} {spec.Mean[0]}"));
    }

    [Theory]
    [InlineData("size", "{COLOURS}")]
    [InlineData("size.longest_edge", """{"size": {"longest_edge": 224}, COLOURS}""")]
    [InlineData("size.shortest_edge", """{"size": {"shortest_edge": 224}, COLOURS}""")]
    [InlineData("max_num_patches", """{"size": 224, "max_num_patches": 256, COLOURS}""")]
    [InlineData("max_pixels", """{"size": 224, "max_pixels": 65536, COLOURS}""")]
    [InlineData("do_pan_and_scan", """{"size": 224, "do_pan_and_scan": true, COLOURS}""")]
    [InlineData("do_pad", """{"size": 224, "do_pad": true, COLOURS}""")]
    [InlineData("do_resize", """{"size": 224, "do_resize": false, COLOURS}""")]
    [InlineData("resample", """{"size": 224, "resample": 5, COLOURS}""")]
    [InlineData("image_mean", """{"size": 224}""")]
    [InlineData("image_std", """{"size": 224, "image_mean": [0, 0, 0], "image_std": [1, 0, 1]}""")]
    [InlineData("crop_size", """{"size": {"shortest_edge": 224}, "do_center_crop": true, "crop_size": 256, COLOURS}""")]
    [InlineData("crop_size", """{"size": {"height": 256, "width": 256}, "do_center_crop": true, "crop_size": 224, COLOURS}""")]
    [InlineData("do_center_crop", """{"size": 224, "do_center_crop": 1, COLOURS}""")]
    public void Parse_WhatASpecificationCannotSay_IsRefusedByName(string key, string json)
    {
        var e = Assert.Throws<ModelFileException>(
            () => PreprocessorConfig.Parse(json.Replace("COLOURS", Colours, StringComparison.Ordinal), "config"));
        Assert.StartsWith($"config: {key} cannot be followed", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", .04f)]
    [InlineData("\"include_top\": false,", .2f)]
    public void Parse_EfficientNet_DividesTwiceUnlessItSaysNo(string more, float expected)
    {
        var json = $$"""{"image_processor_type": "EfficientNetImageProcessor", {{more}} "size": 224, {{Colours}}}""";
        Assert.Equal(expected, PreprocessorConfig.Parse(json, "config").Std[0], 1e-6f);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    public void Parse_NoObject_SaysSo(string json) =>
        Assert.Contains("config is no JSON", Assert.Throws<ModelFileException>(() => PreprocessorConfig.Parse(json, "config")).Message);
}
