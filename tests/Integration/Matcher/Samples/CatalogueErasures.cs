using CpfPipeline.Contracts;
using CpfPipeline.Data.Erasures;
using CpfPipeline.Ingest.Erasures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>Erasures of a catalogue's contents. The tests deliver the messages themselves, not through the outbox.</summary>
internal sealed class CatalogueErasures(Catalogue catalogue)
{
    private readonly ErasureStore _store = new(catalogue.Database.DataSource, new TombstoneKey(new byte[TombstoneKey.Length]));
    private readonly ErasurePurge _purge = new(catalogue.Database.DataSource);
    private readonly HashSet<string> _images = [];
    private readonly HashSet<long> _contents = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Whether Ingest would refuse it now.</summary>
    public bool Bars(string image, long contentId) => _images.Contains(image) || _contents.Contains(contentId);

    /// <summary>Erases an image.</summary>
    /// <returns>The content it showed, if any.</returns>
    public async Task<long?> EraseImageAsync(string image)
    {
        if (await _store.RequestImageAsync("s", image, new ErasureOrder("officer", null), Released, Token) is not null)
        {
            _images.Add(image);
        }

        return await catalogue.RetractAsync(image);
    }

    /// <summary>Erases a content with the images that show it.</summary>
    public async Task EraseContentAsync(long contentId, IEnumerable<string> images)
    {
        var shown = images.Where(i => catalogue.ShownBy(i) == contentId).ToArray();
        Assert.NotNull(await _store.RequestContentAsync(Catalogue.HashOf(contentId), new ErasureOrder("officer", null), Released, Token));
        _contents.Add(contentId);
        foreach (var image in shown)
        {
            await catalogue.RetractAsync(image);
        }
    }

    /// <summary>Continues erasures as far as the Matcher permits.</summary>
    /// <returns>How many are unfinished.</returns>
    public async Task<int> AdvanceAsync()
    {
        await catalogue.Database.ExecuteAsync("delete from cpf.outbox");
        var waiting = 0;
        foreach (
            var erasure in (await _store.ListUnfinishedAsync(1_000, Token)).Reverse()) // What images showed before ends before they do.
        {
            waiting += await _purge.TryFinishAsync(erasure.ErasureId, (_, _) => Task.CompletedTask, Token) ? 0 : 1;
        }

        var verdicts = await catalogue.Database.QueryAsync("select content_a, content_b, verdict = 'same' from cpf.verdicts");
        catalogue.Believe(verdicts.Select(v => ((long)v[0]!, (long)v[1]!, (bool)v[2]!)));
        return waiting;
    }

    /// <summary>The contents that still have a row.</summary>
    public async Task<HashSet<long>> ReadContentsAsync() =>
        [.. (await catalogue.Database.QueryAsync("select content_id from cpf.contents")).Select(r => (long)r[0]!)];

    private static ContentReleased Released(long contentId) => new() { ContentIds = [contentId] };
}
