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
    private const int MaxDescriptionBytes = 16 << 20;

    private readonly HubRequests _requests = new(http, settings, time);
    private readonly HubStore _store = new(settings.Folder);

    /// <summary>A client that leaves redirects to this class: the token is for the endpoint alone.</summary>
    public static HttpClient CreateHttp() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>What a repository holds, at the commit that its revision is now.</summary>
    /// <exception cref="ModelFileException">There is no such repository, or it is restricted; the message says what to
    /// do.</exception>
    /// <exception cref="IOException">The hub does not answer.</exception>
    public async Task<HubModel> DescribeAsync(HubName name, CancellationToken cancellationToken)
    {
        if (settings.IsOffline)
        {
            return await _store.FindAsync(name, cancellationToken) ?? throw NotFetched(name, "");
        }

        var address = new Uri(
            settings.Endpoint, $"api/models/{name.Owner}/{name.Name}/revision/{Uri.EscapeDataString(name.Revision)}");
        using var answer = await _requests.OpenAsync(name, address, "its description", 0, cancellationToken);
        var model = HubDescription.Read(name, await TextAsync(name, answer.Response.Content, cancellationToken));
        await _store.KeepAsync(name, model, cancellationToken);
        return model;
    }

    /// <summary>A file of a repository at a commit, on this machine.</summary>
    /// <param name="name">The repository.</param>
    /// <param name="model">What it holds.</param>
    /// <param name="path">In the repository.</param>
    /// <param name="maxBytes">How large it may be.</param>
    /// <param name="progress">Told how many bytes there are of how many.</param>
    /// <param name="cancellationToken">Cancels; what was received is kept, and the next call continues from there.</param>
    /// <exception cref="ModelFileException">The repository has no such file, or the file is too large or restricted.</exception>
    /// <exception cref="IOException">The hub does not answer, or the file arrives damaged.</exception>
    public async Task<string> FetchAsync(
        HubName name, HubModel model, string path, long maxBytes, Action<long, long?> progress, CancellationToken cancellationToken)
    {
        if (!model.Files.Contains(path))
        {
            throw new ModelFileException($"{name} has no file {path}");
        }

        var target = _store.PathOf(name, model.Commit, path);
        if (await HubStore.HoldsAsync(target, cancellationToken))
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
        var check = await new HubDownload(_requests, name, address, path, model.Commit, target, maxBytes, progress).RunAsync(
            cancellationToken);
        await HubStore.KeepAsync(target, check, cancellationToken);
        return target;
    }

    private async Task<string> TextAsync(HubName name, HttpContent content, CancellationToken cancellationToken)
    {
        using var patience = _requests.Patient(cancellationToken);
        try
        {
            await content.LoadIntoBufferAsync(MaxDescriptionBytes, patience.Token);
            return await content.ReadAsStringAsync(patience.Token);
        }
        catch (Exception e) when (e is HttpRequestException or InvalidOperationException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new IOException($"the description of {name} broke off, or is larger than {MaxDescriptionBytes >> 20} MB", e);
        }
    }

    private static ModelFileException NotFetched(HubName name, string what) =>
        new($"HF_HUB_OFFLINE is set, and {name} {what}was not fetched before");
}
