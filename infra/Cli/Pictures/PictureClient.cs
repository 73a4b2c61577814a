using System.Net;
using CpfPipeline.Cli.Services;
using CpfPipeline.Vocabulary;

namespace CpfPipeline.Cli.Pictures;

/// <summary>Uploads, looks up and retracts images.</summary>
internal sealed class PictureClient(ServiceClient ingest)
{
    /// <summary>Uploads a picture.</summary>
    /// <returns>Whether it was taken, and if not, why.</returns>
    /// <exception cref="CommandException">Ingest does not answer (3), or the picture has no proper name (2).</exception>
    public async Task<UploadAnswer> UploadAsync(PictureBody picture, CancellationToken cancellationToken)
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent(picture.Source), "source" },
            { new StringContent(picture.ExternalId), "external_id" },
            { new StreamContent(File.OpenRead(picture.Path)), "file", "picture" },
        };
        var answer = await ingest.SendAsync(HttpMethod.Post, "/images/upload", form, null, cancellationToken);
        return (answer.Status == HttpStatusCode.UnprocessableEntity ? answer : answer.ThrowUnlessGood())
            .Read<UploadAnswer>("POST /images/upload");
    }

    /// <summary>The status of an image. Null when it was never submitted.</summary>
    public async Task<PictureAnswer?> FindAsync(string source, string externalId, CancellationToken cancellationToken)
    {
        var answer = await ingest.SendAsync(HttpMethod.Get, PathOf(source, externalId), null, null, cancellationToken);
        return answer.Status == HttpStatusCode.NotFound ? null : answer.ThrowUnlessGood().Read<PictureAnswer>("GET /images");
    }

    /// <summary>Retracts an image.</summary>
    /// <returns>Null when it is retracted; else why not.</returns>
    public async Task<string?> RetractAsync(string source, string externalId, CancellationToken cancellationToken)
    {
        var answer = await ingest.SendAsync(HttpMethod.Delete, PathOf(source, externalId), null, null, cancellationToken);
        return answer.Status == HttpStatusCode.Conflict ? answer.Reason()
            : answer.ThrowUnlessGood().Field("state") == ImageState.Retracted ? null
            : answer.Field("detail") ?? $"it is {answer.Field("state")}";
    }

    // By the query: ids such as ".." mean something else in a path.
    private static string PathOf(string source, string externalId) =>
        $"/images?source={Uri.EscapeDataString(source)}&external_id={Uri.EscapeDataString(externalId)}";
}
