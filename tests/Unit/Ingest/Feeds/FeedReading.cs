using System.Text;
using CpfPipeline.Data.Feeds;
using CpfPipeline.Ingest.Feeds;
using CpfPipeline.Ingest.Submissions;

namespace CpfPipeline.Tests.Unit.Ingest.Feeds;

/// <summary>A folder of its own for feeds, and what readers find in them.</summary>
public abstract class FeedReading : IDisposable
{
    private protected FeedFindings Findings { get; } = new();

    protected string Folder { get; } = Directory.CreateTempSubdirectory("cpf-feeds-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    private protected Task<List<Submission>> ReadAsync(IFeedReader reader, string name, string text) =>
        ReadAsync(reader, name, Encoding.UTF8.GetBytes(text));

    private protected async Task<List<Submission>> ReadAsync(IFeedReader reader, string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        await File.WriteAllBytesAsync(path, bytes);
        return await reader.ReadAsync(NewFeed(path, reader.Format), Findings, default).ToListAsync();
    }

    private protected static Feed NewFeed(string path, string format) => new()
    {
        FeedId = 1, Source = "s", Path = path, Format = format, Snapshot = false, State = "running", Revision = 1,
        RowsRead = 0, Unchanged = 0, Stored = 0, Rejected = 0, Retracted = 0, SubmittedAt = DateTimeOffset.UnixEpoch,
    };
}
