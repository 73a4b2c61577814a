using System.Net.Http.Headers;
using System.Security.Cryptography;

namespace CpfPipeline.Cli.Trainings;

/// <summary>A model folder on this machine, as <c>train</c> writes it, on its way to the Trainer or from it.</summary>
internal static class ModelFolderFiles
{
    // The report comes last: with it a folder is complete.
    private static readonly string[] Names = ["backbone.onnx", "head.onnx", "report.json"];

    /// <exception cref="CommandException">There is no such folder, or it is not complete; the message names what is missing.</exception>
    public static void ThrowUnlessComplete(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw CommandException.Usage($"there is no model folder {folder}");
        }

        var missing = Names.Where(name => !File.Exists(Path.Combine(folder, name))).ToList();
        if (missing.Count > 0)
        {
            throw CommandException.Usage(
                $"{folder} is no complete model folder: {string.Join(" and ", missing)} "
                    + $"{(missing.Count == 1 ? "is" : "are")} missing; "
                    + "infra/cpf train --out makes one");
        }
    }

    /// <summary>A folder as the body of <c>POST /models</c>.</summary>
    /// <exception cref="CommandException">As <see cref="ThrowUnlessComplete"/>.</exception>
    public static MultipartFormDataContent Read(string folder)
    {
        ThrowUnlessComplete(folder);
        var form = new MultipartFormDataContent();
        foreach (var name in Names)
        {
            var file = new StreamContent(File.OpenRead(Path.Combine(folder, name)));
            file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
            form.Add(file, name, name);
        }

        return form;
    }

    /// <summary>
    /// Writes a model of the Trainer as a folder; other files in it stay. The folder is complete when its report is there.
    /// </summary>
    /// <param name="client">The Trainer.</param>
    /// <param name="modelId">The model.</param>
    /// <param name="folder">Made when it is not there.</param>
    /// <param name="cancellationToken">Cancels; a model that was in the folder stays.</param>
    /// <returns>Bytes written.</returns>
    /// <exception cref="CommandException">
    /// The Trainer does not answer, has no such model, its files arrive damaged, or the folder cannot be written.
    /// </exception>
    public static async Task<long> WriteAsync(TrainerClient client, long modelId, string folder, CancellationToken cancellationToken)
    {
        var (made, written) = (!Directory.Exists(folder), 0L);
        try
        {
            Directory.CreateDirectory(folder);
            foreach (var name in Names)
            {
                written += await DownloadAsync(client, modelId, name, Unfinished(folder, name), cancellationToken);
            }

            File.Delete(Path.Combine(folder, Names[^1]));
            foreach (var name in Names)
            {
                File.Move(Unfinished(folder, name), Path.Combine(folder, name), overwrite: true);
            }

            return written;
        }
        catch (Exception e)
        {
            Discard(folder, made);
            if (e is IOException or UnauthorizedAccessException)
            {
                throw CommandException.Infrastructure(
                    $"cannot write the model to {folder}: {e.Message} Free some space or choose another folder");
            }

            throw;
        }
    }

    private static void Discard(string folder, bool made)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }

        foreach (var name in Names)
        {
            File.Delete(Unfinished(folder, name));
        }

        if (made && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private static async Task<long> DownloadAsync(
        TrainerClient client, long modelId, string name, string path, CancellationToken cancellationToken)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite);
        var expected = await client.DownloadAsync(modelId, name, file, cancellationToken);
        file.Flush(flushToDisk: true);
        file.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellationToken)) == expected
            ? file.Length
            : throw CommandException.Infrastructure($"{name} of model {modelId} arrived damaged: its SHA-256 is not {expected}");
    }

    private static string Unfinished(string folder, string name) => Path.Combine(folder, $".{name}.new");
}
