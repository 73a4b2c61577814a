using System.Text;
using CpfPipeline.Data.Access;
using CpfPipeline.Learning.ModelFolders;
using Microsoft.AspNetCore.Http.Features;

namespace CpfPipeline.Trainer.Exchange;

/// <summary>A model folder as it arrives: a form (multipart/form-data) whose parts are named as the files are.</summary>
/// <param name="Backbone">backbone.onnx.</param>
/// <param name="Head">head.onnx.</param>
/// <param name="ReportJson">report.json.</param>
internal sealed record ModelUpload(byte[] Backbone, byte[] Head, string ReportJson)
{
    /// <summary>Who brings it in, for the audit.</summary>
    public Actor? By { get; init; }

    private static readonly string[] Needed = [ModelFolder.BackboneName, ModelFolder.HeadName, ModelFolder.ReportName];

    /// <summary>Reads the body; large parts wait in temporary files.</summary>
    /// <param name="request">The request.</param>
    /// <param name="maxBytes">Limit of the whole body.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The files, or what is wrong and the status code that says so.</returns>
    public static async Task<(ModelUpload? Upload, string? Problem, int Status)> ReadAsync(
        HttpRequest request, long maxBytes, CancellationToken cancellationToken)
    {
        if (!request.HasFormContentType || !request.ContentType!.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            return Wrong("Send a form (multipart/form-data) whose parts are named as the files of a model folder.",
                StatusCodes.Status415UnsupportedMediaType);
        }

        if (request.ContentLength > maxBytes)
        {
            return TooLarge(maxBytes);
        }

        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body)
        {
            body.MaxRequestBodySize = maxBytes;
        }

        IFormCollection form;
        try
        {
            form = await request.ReadFormAsync(new FormOptions { MultipartBodyLengthLimit = maxBytes }, cancellationToken);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return TooLarge(maxBytes);
        }
        catch (Exception e) when (e is InvalidDataException or BadHttpRequestException)
        {
            return Wrong($"The form cannot be read: {e.Message}", StatusCodes.Status400BadRequest);
        }

        if (form.Files.Select(f => f.Name).Concat(form.Keys).Except(Needed).FirstOrDefault() is { } unknown)
        {
            return Wrong($"There is no part {unknown}; known are {string.Join(", ", Needed)}.", StatusCodes.Status400BadRequest);
        }

        var missing = Needed.Where(name => form.Files.GetFile(name) is null).ToList();
        return missing.Count > 0
            ? Wrong($"The form lacks the file {string.Join(" and ", missing)}.", StatusCodes.Status400BadRequest)
            : (new ModelUpload(
                await BytesAsync(Needed[0]), await BytesAsync(Needed[1]), Encoding.UTF8.GetString(await BytesAsync(Needed[2]))), null, 0);

        async Task<byte[]> BytesAsync(string name)
        {
            var file = form.Files.GetFile(name)!;
            var bytes = new byte[file.Length];
            await using var stream = file.OpenReadStream();
            await stream.ReadExactlyAsync(bytes, cancellationToken);
            return bytes;
        }
    }

    private static (ModelUpload?, string?, int) TooLarge(long maxBytes) => Wrong(
        $"The model is larger than {maxBytes} bytes (setting Trainer:MaxModelBytes).", StatusCodes.Status413PayloadTooLarge);

    private static (ModelUpload?, string?, int) Wrong(string problem, int status) => (null, problem, status);
}
