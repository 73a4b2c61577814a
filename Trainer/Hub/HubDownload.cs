using System.Net;
using CpfPipeline.Vision.Models;

namespace CpfPipeline.Trainer.Hub;

/// <summary>
/// Fetches one file: goes on where an earlier try ended, and gives the file its name only when size and hash are right. A file that
/// arrives damaged is fetched once more from its beginning.
/// </summary>
internal sealed class HubDownload(
    HubRequests requests, HubName name, Uri address, string path, string commit, string target, long maxBytes, Action<long, long?> progress)
{
    private readonly string _unfinished = target + HubStore.UnfinishedSuffix;

    /// <returns>What the file was checked by.</returns>
    public async Task<HubFileCheck> RunAsync(CancellationToken cancellationToken)
    {
        for (var isSecond = false; ; isSecond = true)
        {
            var check = await ReceiveAsync(cancellationToken);
            if (await check.HoldsForAsync(_unfinished, cancellationToken))
            {
                File.Move(_unfinished, target, overwrite: true);
                return check;
            }

            File.Delete(_unfinished);
            if (isSecond)
            {
                throw new IOException($"{name}: {path} arrived damaged twice: size or hash is not what the hub says ({check.Hash})");
            }
        }
    }

    private async Task<HubFileCheck> ReceiveAsync(CancellationToken cancellationToken)
    {
        var most = -1L;
        for (var attempt = 1; ; attempt++)
        {
            await using var file = new FileStream(_unfinished, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
            var start = file.Length;
            using var answer = await requests.OpenAsync(name, address, path, start, cancellationToken);
            if (answer is { Check: null, Response.StatusCode: HttpStatusCode.RequestedRangeNotSatisfiable } && start > 0)
            {
                file.SetLength(0); // A server that ignores the range need not name a hash: the whole file has one.
                continue;
            }

            var check = answer.Check
                ?? throw new IOException($"{name}: the hub names no hash of {path}, so it cannot be checked");
            if (answer.Commit is { } told && told != commit)
            {
                throw new IOException($"{name}: the hub gave {path} of commit {told}, not of {commit}");
            }

            if (check.Size > maxBytes)
            {
                throw TooLarge(FormattableString.Invariant($"{check.Size / 1e6:#,0.0} MB"));
            }

            if (answer.Response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                if (start == check.Size || attempt == HubRequests.MaxTries)
                {
                    return check; // All of it is there; whether it is right comes next.
                }

                file.SetLength(0);
                continue;
            }

            if (answer.Response.StatusCode != HttpStatusCode.PartialContent)
            {
                file.SetLength(0);
            }
            else if (answer.Response.Content.Headers.ContentRange?.From != start)
            {
                if (attempt == HubRequests.MaxTries)
                {
                    throw new IOException($"{name}: the hub gives another part of {path} than it was asked for");
                }

                file.SetLength(0);
                continue;
            }

            file.Position = file.Length;
            if (await CopyAsync(answer.Response, file, check, cancellationToken))
            {
                return check;
            }

            if (file.Length > most)
            {
                (most, attempt) = (file.Length, 0); // It gets on.
            }

            if (attempt == HubRequests.MaxTries)
            {
                throw new IOException($"{name}: {path} broke off; run the same command again to go on from there");
            }

            await requests.PauseAsync(attempt + 1, cancellationToken);
        }
    }

    /// <returns>False: the connection broke.</returns>
    private async Task<bool> CopyAsync(
        HttpResponseMessage response, FileStream file, HubFileCheck check, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 17];
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
            while (true)
            {
                int read;
                using (var patience = requests.Patient(cancellationToken))
                {
                    try
                    {
                        read = await body.ReadAsync(buffer, patience.Token);
                    }
                    catch (Exception e) when (e is IOException or HttpRequestException
                        || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
                    {
                        return false;
                    }
                }

                if (read == 0)
                {
                    return check.Size is null || file.Length >= check.Size;
                }

                await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                progress(file.Length, check.Size);
                if (file.Length > maxBytes)
                {
                    throw TooLarge("more");
                }
            }
        }
        finally
        {
            await file.FlushAsync(CancellationToken.None);
        }
    }

    // What came of it is of no use.
    private ModelFileException TooLarge(string has)
    {
        File.Delete(_unfinished);
        return new ModelFileException(FormattableString.Invariant(
            $"{name}: {path} has {has}; {maxBytes / 1e6:#,0.0} MB are left of what a graph with its weights may have"));
    }
}
