using System.Text;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Vision.Decode;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Reports;

/// <summary>
/// The sample's page as a file beside the tests (<c>reports/sample.html</c>, left there for people to look at) and a real Chromium that opens it.
/// <c>CPF_CHROMIUM</c> names another executable than the distribution's.
/// </summary>
public sealed class ReportInBrowser : IAsyncLifetime
{
    private const string Variable = "CPF_CHROMIUM";

    private static readonly string[] Arguments =
    [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync",
    ];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    internal ReportData Data { get; private set; } = null!;

    internal string File { get; private set; } = null!;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        Data = SampleReport.Make();
        File = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "reports")).FullName, "sample.html");
        await using (var writer = new StreamWriter(File, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
        {
            ReportPage.Write(Data, writer, new ImageLimits(), TimeProvider.System, CancellationToken.None);
        }

        if (Executable() is { } executable)
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Args = Arguments });
        }
    }

    /// <summary>The page, loaded. Skips the test without a browser, and fails it in CI.</summary>
    internal async Task<OpenReport> OpenAsync(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool script = true)
    {
        if (_browser is null)
        {
            Assert.SkipUnless(Environment.GetEnvironmentVariable("CI") == "true", $"no browser: install the package chromium, or set {Variable}");
            throw new InvalidOperationException("no browser, and in CI no test may be skipped for that: install the package chromium");
        }

        var context = await _browser.NewContextAsync(new() { ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, JavaScriptEnabled = script });
        return await OpenReport.LoadAsync(context, new Uri(File).AbsoluteUri);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    private static string? Executable() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : System.IO.File.Exists("/usr/bin/chromium") ? "/usr/bin/chromium" : null;
}
