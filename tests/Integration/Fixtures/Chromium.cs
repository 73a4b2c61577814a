using CpfPipeline.Hosting.Access.Keys;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.Playwright;
using Xunit;

[assembly: AssemblyFixture(typeof(Chromium))]

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>
/// A real Chromium, started when the first page is opened, for all tests of a run. <c>CPF_CHROMIUM</c> names another executable than the
/// distribution's.
/// </summary>
public sealed class Chromium : IAsyncLifetime
{
    private const string Variable = "CPF_CHROMIUM";

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    private readonly SemaphoreSlim _gate = new(1, 1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A page, loaded, in a context of its own. Skips the test without a browser, and fails it in CI.</summary>
    internal async Task<OpenPage> OpenAsync(
        Uri address, int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool script = true,
        bool isSignedIn = true)
    {
        var context = await (await StartAsync()).NewContextAsync(
            new()
            {
                ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, JavaScriptEnabled = script,
                ExtraHTTPHeaders = isSignedIn ? [new(ApiKeyHeader.Name, TestKey.Text)] : [],
            });
        return await OpenPage.LoadAsync(context, address.AbsoluteUri);
    }

    private async Task<IBrowser> StartAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_browser is not null)
            {
                return _browser;
            }

            if (Executable() is not { } executable)
            {
                Assert.SkipUnless(
                    Environment.GetEnvironmentVariable("CI") == "true", $"no browser: install the package chromium, or set {Variable}");
                throw new InvalidOperationException("no browser, and in CI no test may be skipped for that: install the package chromium");
            }

            _playwright ??= await Playwright.CreateAsync();
            return _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Arguments });
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        _gate.Dispose();
    }

    private static string? Executable() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : File.Exists("/usr/bin/chromium") ? "/usr/bin/chromium" : null;
}
