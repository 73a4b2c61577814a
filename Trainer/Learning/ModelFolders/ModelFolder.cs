using System.Text.Json;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Learning.ModelFolders;

/// <summary>
/// A model as files: <c>backbone.onnx</c>, <c>head.onnx</c>, <c>report.json</c> (with the number <c>threshold</c>) and <c>report.html</c>.
/// </summary>
/// <param name="Backbone">Pixels to feature.</param>
/// <param name="Head">Feature to embedding.</param>
/// <param name="Threshold">tau, a similarity.</param>
/// <param name="ReportJson">The whole report, a JSON object.</param>
public sealed record ModelFolder(BackboneFile Backbone, HeadFile Head, double Threshold, string ReportJson)
{
    public const string BackboneName = "backbone.onnx";
    public const string HeadName = "head.onnx";
    public const string ReportName = "report.json";
    public const string PageName = "report.html";

    private const string ThresholdKey = "threshold";

    /// <summary>Reads a model. The page is for people and may be missing.</summary>
    /// <exception cref="ModelFileException">A file is missing or cannot be used; the message names all that are missing.</exception>
    public static ModelFolder Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new ModelFileException($"there is no model folder {folder}");
        }

        RefuseIncomplete(folder, BackboneName, HeadName, ReportName);
        return Read(folder, BackboneFile.Load(Path.Combine(folder, BackboneName)));
    }

    /// <summary>Reads head and report; the backbone comes from elsewhere.</summary>
    /// <inheritdoc cref="Read(string)"/>
    public static ModelFolder Read(string folder, BackboneFile backbone)
    {
        RefuseIncomplete(folder, HeadName, ReportName);
        var head = HeadFile.Load(Path.Combine(folder, HeadName));
        var report = Path.Combine(folder, ReportName);
        return Of(backbone, head, ReadText(report), folder, report);
    }

    /// <summary>The files of a model that were read elsewhere.</summary>
    /// <exception cref="ModelFileException">They do not belong together, or the report has no threshold.</exception>
    public static ModelFolder Of(BackboneFile backbone, HeadFile head, string reportJson) =>
        Of(backbone, head, reportJson, "the model", ReportName);

    private static ModelFolder Of(BackboneFile backbone, HeadFile head, string reportJson, string name, string reportName) =>
        backbone.Spec.FeatureDim == head.Spec.FeatureDim
            ? new ModelFolder(backbone, head, ThresholdOf(reportJson, reportName), reportJson)
            : throw new ModelFileException(
                $"{name}: the head takes features of {head.Spec.FeatureDim} values, the backbone gives {backbone.Spec.FeatureDim}: they "
                    + "do not belong together");

    private static void RefuseIncomplete(string folder, params string[] names)
    {
        var missing = names.Where(name => !File.Exists(Path.Combine(folder, name))).ToList();
        if (missing.Count > 0)
        {
            throw new ModelFileException(
                $"{folder} is no complete model folder: {string.Join(" and ", missing)} {(missing.Count == 1 ? "is" : "are")} missing; "
                    + $"infra/cpf train --out makes one");
        }
    }

    /// <summary>
    /// Writes a model; other files in the folder stay. Everything is written under other names first, so that a full disk changes nothing;
    /// a crash while names are exchanged leaves a folder without report, which <see cref="Read(string)"/> refuses.
    /// </summary>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="backbone">A backbone file.</param>
    /// <param name="head">A head file.</param>
    /// <param name="reportJson">A JSON object with the number <c>threshold</c>.</param>
    /// <param name="reportHtml">The page.</param>
    /// <exception cref="ModelFileException">The report has no threshold.</exception>
    /// <exception cref="IOException">The folder cannot be written, the disk is full for instance; the message says what to do.</exception>
    public static void Write(string folder, ReadOnlyMemory<byte> backbone, ReadOnlyMemory<byte> head, string reportJson, string reportHtml)
    {
        ThresholdOf(reportJson, ReportName);

        // The report goes last: with it the model is complete.
        (string Name, ReadOnlyMemory<byte> Bytes)[] files =
        [
            (BackboneName, backbone), (HeadName, head), (PageName, System.Text.Encoding.UTF8.GetBytes(reportHtml)),
            (ReportName, System.Text.Encoding.UTF8.GetBytes(reportJson.TrimEnd() + "\n")),
        ];
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var (name, bytes) in files)
            {
                WriteDurably(NewName(folder, name), bytes.Span);
            }

            File.Delete(Path.Combine(folder, ReportName));
            foreach (var (name, _) in files)
            {
                File.Move(NewName(folder, name), Path.Combine(folder, name), overwrite: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var megabytes = Math.Ceiling(files.Sum(f => (double)f.Bytes.Length) / 1e6);
            throw new IOException(
                $"cannot write the model to {folder} ({megabytes:0} MB): {e.Message} Free some space or choose another folder, and run the "
                    + $"command again.",
                e);
        }
        finally
        {
            foreach (var (name, _) in files)
            {
                Discard(NewName(folder, name));
            }
        }
    }

    private static string NewName(string folder, string name) => Path.Combine(folder, $".{name}.new");

    private static void WriteDurably(string path, ReadOnlySpan<byte> bytes)
    {
        using var stream = new FileStream(path, FileMode.Create, FileAccess.Write);
        stream.Write(bytes);
        stream.Flush(flushToDisk: true);
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The folder that could not be written cannot be cleaned either; the cause is reported already.
        }
    }

    private static string ReadText(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException($"cannot read {path}: {e.Message}", e);
        }
    }

    private static double ThresholdOf(string json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.TryGetProperty(ThresholdKey, out var value)
                && value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()))
            {
                return value.GetDouble();
            }
        }
        catch (JsonException e)
        {
            throw new ModelFileException($"{name} is no JSON: {e.Message}", e);
        }

        throw new ModelFileException($"{name} has no number \"{ThresholdKey}\" at its top level");
    }
}
