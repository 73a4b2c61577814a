using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>A loaded page with what it asked for and complained about.</summary>
internal sealed class OpenPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;

    private OpenPage(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    public ConcurrentQueue<string> Requests { get; } = [];

    public ConcurrentQueue<string> Complaints { get; } = [];

    public static async Task<OpenPage> LoadAsync(IBrowserContext context, string address)
    {
        var open = new OpenPage(context, await context.NewPageAsync());
        context.Request += (_, request) => open.Requests.Enqueue(request.Url);
        open.Page.PageError += (_, error) => open.Complaints.Enqueue(error);
        open.Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning")
            {
                open.Complaints.Enqueue(message.Text);
            }
        };
        await open.Page.GotoAsync(address, new() { WaitUntil = WaitUntilState.Load });
        return open;
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();
}
