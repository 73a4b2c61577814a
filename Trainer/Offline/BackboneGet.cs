using System.Globalization;
using CpfPipeline.CommandLine;
using CpfPipeline.Trainer.Hub;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Offline;

/// <summary><c>backbone get</c>: a network of the hub to a backbone file.</summary>
internal static class BackboneGet
{
    public static async Task<int> RunAsync(
        BackboneGetSettings settings, HubSettings hub, OfflineConsole console, CancellationToken cancellationToken)
    {
        var known = KnownBackbone.All.FirstOrDefault(k => k.Name == settings.Name);
        var names = KnownBackbone.All.Select(k => k.Name).ToList();
        var name = known?.Repository ?? HubName.Parse(settings.Name) ?? throw new UsageException(
            $"NAME is \"{settings.Name}\", neither hf:OWNER/NAME[@REVISION] nor one of {string.Join(", ", names)}"
                + ClosestWord.Hint(settings.Name, names));
        var target = settings.Out ?? (known?.Name ?? name.Name) + ".onnx";
        if (Path.GetDirectoryName(Path.GetFullPath(target)) is { } folder && !Directory.Exists(folder))
        {
            throw new DirectoryNotFoundException($"there is no folder {folder} to write {Path.GetFileName(target)} to");
        }

        using var http = HubClient.CreateHttp();
        BackboneFile file;
        HubModel model;
        using (var display = DownloadDisplay.Of(console))
        {
            (file, model) = await new HubBackbone(new HubClient(http, hub, console.Time), display.Report).MakeAsync(
                name, settings.File ?? known?.File, settings.Feature, Parse<TokenPooling>(settings.Pool),
                Parse<ResizeKernel>(settings.Kernel), cancellationToken);
        }

        Write(target, file.Bytes.Span);
        console.Output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{target}: hf:{name.Owner}/{name.Name}@{model.Commit}, licence {model.Licence ?? "not named: ask its authors"}; "
                + $"{file.Spec.FeatureDim} values, {file.Spec.Input.SizeText} pixels, {file.Bytes.Length / 1e6:0.0} MB"));
        console.Output.WriteLine($"CPF_BACKBONE={Path.GetFullPath(target)} infra/cpf up serves it");
        return 0;
    }

    private static T? Parse<T>(string? word)
        where T : struct, Enum => word is null ? null : Enum.Parse<T>(word, ignoreCase: true);

    // Whole or not at all: a Trainer may be started with this path at any time.
    private static void Write(string path, ReadOnlySpan<byte> bytes)
    {
        var unfinished = path + ".new";
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write))
            {
                stream.Write(bytes);
                stream.Flush(flushToDisk: true);
            }

            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
