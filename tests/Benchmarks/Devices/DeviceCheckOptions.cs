using System.Globalization;
using CpfPipeline.Vision.Sessions;

namespace CpfPipeline.Tests.Benchmarks.Devices;

/// <summary>Words of <c>infra/gpu/check.sh</c>.</summary>
internal sealed record DeviceCheckOptions
{
    public const string Usage =
        "usage: infra/gpu/check.sh [--cpu] [--device N] [--batch N] [--tf32] [--tensorrt] [--backbone FILE.onnx] [--photos FOLDER]";

    public bool OnCpu { get; private init; }

    public int Batch { get; private init; } = 32;

    public string? Backbone { get; private init; }

    public string? Photos { get; private init; }

    public SessionSettings Settings { get; private init; } = new();

    /// <summary>Null for words that mean nothing.</summary>
    public static DeviceCheckOptions? Parse(IReadOnlyList<string> args)
    {
        var options = new DeviceCheckOptions();
        for (var i = 0; i < args.Count; i++)
        {
            var next = i + 1 < args.Count ? args[i + 1] : null;
            var (read, words) = (args[i], next) switch
            {
                ("--cpu", _) => (options with { OnCpu = true }, 1),
                ("--tf32", _) => (options.With(options.Settings.Device with { AllowTf32 = true }), 1),
                ("--tensorrt", _) => (options.With(options.Settings.Device with { TensorRt = true }), 1),
                ("--device", { } id) when Number(id) is { } n => (options.With(options.Settings.Device with { Id = n }), 2),
                ("--batch", { } size) when Number(size) is > 0 and <= 1024 and { } n => (options with { Batch = n }, 2),
                ("--backbone", { } file) => (options with { Backbone = file }, 2),
                ("--photos", { } folder) => (options with { Photos = folder }, 2),
                _ => (null, 0),
            };
            if (read is null)
            {
                return null;
            }

            (options, i) = (read, i + words - 1);
        }

        var provider = options.OnCpu ? ExecutionProviderRequest.Cpu : ExecutionProviderRequest.Auto;
        return options with { Settings = options.Settings with { Provider = provider, MaxRowsPerRun = options.Batch } };
    }

    private DeviceCheckOptions With(DeviceSettings device) => this with { Settings = Settings with { Device = device } };

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
