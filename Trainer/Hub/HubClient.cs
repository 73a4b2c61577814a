using System.Text.Json;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Hub;

/// <summary>
/// A hub of models: what a repository holds, and its files. What was fetched once is kept and checked when it is used again.
/// </summary>
/// <param name="http">Does not follow redirects.</param>
/// <param name="settings">How the hub is reached.</param>
/// <param name="time">Clock of the pauses.</param>
internal sealed class HubClient(HttpClient http, HubSettings settings, TimeProvider time)
{
    private readonly HubRequests _requests = new(http, settings, time);

    /// <summary>A client that leaves redirects to this class: the token is for the endpoint alone.</summary>
    public static HttpClient CreateHttp() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What a repository holds, at the commit that its revision is now.</summary>
    /// <exception cref="ModelFileException">There is no such repository, or it is not for everybody; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The hub does not answer.</exception>
    public async Task<HubModel> DescribeAsync(HubName name, CancellationToken cancellationToken)
    {
        var kept = Path.Combine(FolderOf(name), "revisions", Uri.EscapeDataString(name.Revision) + ".json");
        if (settings.IsOffline)
        {
            return File.Exists(kept)
                ? JsonSerializer.Deserialize<HubModel>(await File.ReadAllTextAsync(kept, cancellationToken))!
                : throw NotFetched(name, "");
        }

        var address = new Uri(
            settings.Endpoint, $"api/models/{name.Owner}/{name.Name}/revision/{Uri.EscapeDataString(name.Revision)}");
        using var answer = await _requests.OpenAsync(name, address, "its description", 0, cancellationToken);
        var model = Read(name, await answer.Response.Content.ReadAsStringAsync(cancellationToken));
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        await File.WriteAllTextAsync(kept, JsonSerializer.Serialize(model), cancellationToken);
        return model;
    }

    /// <summary>A file of a repository at a commit, on this machine.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="model">What it holds.</param>
    /// <param name="path">In the repository.</param>
    /// <param name="progress">Told how many bytes there are of how many.</param>
    /// <param name="cancellationToken">Stops; what came stays, and the next time goes on from there.</param>
    /// <exception cref="ModelFileException">The repository has no such file, or it is not for everybody.</exception>
    /// <exception cref="IOException">The hub does not answer, or the file arrives damaged.</exception>
    public async Task<string> FetchAsync(
        HubName name, HubModel model, string path, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        if (!model.Files.Contains(path))
        {
            throw new ModelFileException($"{name} has no file {path}");
        }

        var target = Path.Combine([FolderOf(name), model.Commit, .. path.Split('/')]);
        if (await IsKeptAsync(target, cancellationToken))
        {
            return target;
        }

        if (settings.IsOffline)
        {
            throw NotFetched(name, $"its file {path} ");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        var address = new Uri(
            settings.Endpoint,
            $"{name.Owner}/{name.Name}/resolve/{model.Commit}/{string.Join('/', path.Split('/').Select(Uri.EscapeDataString))}");
        var check = await new HubDownload(_requests, name, address, path, model.Commit, target, progress).RunAsync(cancellationToken);
        await File.WriteAllTextAsync(CheckOf(target), JsonSerializer.Serialize(check), cancellationToken);
        return target;
    }

    private string FolderOf(HubName name) => Path.Combine(settings.Folder, name.Owner, name.Name);

    private static string CheckOf(string target) => target + ".check";

    private static async Task<bool> IsKeptAsync(string target, CancellationToken cancellationToken) =>
        File.Exists(target) && File.Exists(CheckOf(target))
        && await JsonSerializer.Deserialize<HubFileCheck>(await File.ReadAllTextAsync(CheckOf(target), cancellationToken))!
            .HoldsForAsync(target, cancellationToken);

    private static ModelFileException NotFetched(HubName name, string what) =>
        new($"HF_HUB_OFFLINE is set, and {name} {what}was not fetched before");

    private static HubModel Read(HubName name, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            return new HubModel(
                root.GetProperty("sha").GetString()!, LicenceOf(root),
                [.. root.GetProperty("siblings").EnumerateArray().Select(s => s.GetProperty("rfilename").GetString()!).Where(IsPath)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"the hub describes {name} in a form that this command does not know", e);
        }
    }

    // A name from another machine becomes a path on this one.
    private static bool IsPath(string path) => path.Split('/').All(part => part is not ("" or "." or "..") && !part.Contains('\\'));

    private static string? LicenceOf(JsonElement root)
    {
        if (root.TryGetProperty("cardData", out var card) && card.ValueKind == JsonValueKind.Object
            && card.TryGetProperty("license", out var licence) && licence.ValueKind == JsonValueKind.String)
        {
            return licence.GetString();
        }

        const string Tag = "license:";
        return root.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array
            ? tags.EnumerateArray()
                .Select(t => t.GetString()).FirstOrDefault(t => t?.StartsWith(Tag, StringComparison.Ordinal) == true)?[Tag.Length..]
            : null;
    }
}
