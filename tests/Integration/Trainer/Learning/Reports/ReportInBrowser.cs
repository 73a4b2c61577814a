using System.Text;
using CpfPipeline.Learning.Reports;
using CpfPipeline.Learning.Reports.Data;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vision.Decode;
using Microsoft.Playwright;

namespace CpfPipeline.Tests.Integration.Trainer.Learning.Reports;

/// <summary>
/// The sample's page as a file beside the tests (<c>reports/sample.html</c>, left there for people to look at), opened by a real browser.
/// </summary>
public sealed class ReportInBrowser
{
    private readonly Chromium _chromium;

    /// <summary>Writes the page.</summary>
    /// <param name="chromium">The run's browser.</param>
    public ReportInBrowser(Chromium chromium)
    {
        _chromium = chromium;
        Data = SampleReport.Make();
        File = Path.Combine(Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "reports")).FullName, "sample.html");
        using var writer = new StreamWriter(File, append: false, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        ReportPage.Write(Data, writer, new ImageDecoder(new ImageLimits(), TimeProvider.System), CancellationToken.None);
    }

    internal ReportData Data { get; }

    internal string File { get; }

    /// <summary>The page, loaded. Skips the test without a browser, and fails it in CI.</summary>
    internal Task<OpenPage> OpenAsync(int width = 1280, int height = 900, ColorScheme scheme = ColorScheme.Light, bool script = true) =>
        _chromium.OpenAsync(new Uri(File), width, height, scheme, script);
}
