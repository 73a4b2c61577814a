using System.Collections.Concurrent;
using System.Text;
using CpfPipeline.Cli.Files;
using CpfPipeline.Cli.Services;
using Npgsql;

namespace CpfPipeline.Cli.Gallery;

/// <summary>Writes groups as one HTML file that needs neither a server nor a network.</summary>
/// <param name="dataSource">The process's data source.</param>
/// <param name="matcher">Gives the thumbnails.</param>
/// <param name="time">The clock.</param>
internal sealed class GallerySession(NpgsqlDataSource dataSource, ServiceClient matcher, TimeProvider time)
{
    // Pictures asked for at once.
    private const int Requests = 8;

    // Groups whose pictures are in memory at once.
    private const int GroupsAtOnce = 8;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private readonly GalleryReader _reader = new(dataSource);
    private readonly ThumbnailClient _thumbnails = new(matcher, time);

    /// <summary>Writes the file.</summary>
    /// <param name="request">What to write.</param>
    /// <param name="show">Is told how many pictures are there, and how many there will be.</param>
    /// <param name="cancellationToken">Cancels; then there is no file, or the one from before.</param>
    /// <exception cref="CommandException">The file cannot be written, there are no groups, or the Matcher does not answer.</exception>
    public async Task<GalleryOutcome> WriteAsync(GalleryRequest request, Action<int, int> show, CancellationToken cancellationToken)
    {
        await using var file = WholeFile.Create(request.File, "--html");
        var (head, groups) = await _reader.ReadAsync(request, cancellationToken) ?? throw NoGroups("no model is active yet");
        if (groups.Count == 0)
        {
            throw NoGroups(request.Source is null ? "no two pictures match yet" : $"no group holds a picture of {request.Source}");
        }

        int missing;
        await using (var text = new StreamWriter(file.Stream, Utf8, leaveOpen: true))
        {
            await WriteAsync(text, GalleryPage.Top(head, request, groups.Count, time.GetUtcNow()), cancellationToken);
            missing = await WriteGroupsAsync(text, head, groups, show, cancellationToken);
            await WriteAsync(text, GalleryPage.Bottom(), cancellationToken);
        }

        return new(head, groups.Count, groups.Sum(g => g.Pictures.Count) - missing, missing, file.Keep());
    }

    // Returns how many pictures could not be had.
    private async Task<int> WriteGroupsAsync(
        TextWriter text, GalleryHead head, IReadOnlyList<GalleryGroup> groups, Action<int, int> show, CancellationToken cancellationToken)
    {
        var (done, missing, total) = (0, 0, groups.Sum(g => g.Pictures.Count));
        foreach (var some in groups.Chunk(GroupsAtOnce))
        {
            var thumbnails = await FetchAsync([.. some.SelectMany(g => g.Pictures)], cancellationToken);
            foreach (var group in some)
            {
                await WriteAsync(text, GalleryPage.Group(group, head.Threshold, thumbnails), cancellationToken);
            }

            missing += thumbnails.Values.Count(t => t.WebP is null);
            show(done += thumbnails.Count, total);
        }

        return missing;
    }

    private static Task WriteAsync(TextWriter text, Html part, CancellationToken cancellationToken) =>
        text.WriteAsync($"{part}".AsMemory(), cancellationToken);

    private static CommandException NoGroups(string why) => new(ExitCode.TooLittleData, $"there are no groups to show: {why}");

    private async Task<ConcurrentDictionary<long, Thumbnail>> FetchAsync(
        IReadOnlyCollection<GalleryPicture> pictures, CancellationToken cancellationToken)
    {
        var thumbnails = new ConcurrentDictionary<long, Thumbnail>();
        await Parallel.ForEachAsync(
            pictures, new ParallelOptions { MaxDegreeOfParallelism = Requests, CancellationToken = cancellationToken },
            async (picture, token) => thumbnails[picture.ContentId] = await _thumbnails.GetAsync(picture.ContentId, token));
        return thumbnails;
    }
}
