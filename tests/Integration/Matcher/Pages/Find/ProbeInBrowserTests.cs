using CpfPipeline.Data.Probes;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using CpfPipeline.Vocabulary;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Find;

/// <summary>What the script adds to the search by a picture.</summary>
public sealed class ProbeInBrowserTests(TestDatabases databases, Chromium chromium) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("cpf-probes-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FolderProbeStore Probes => new(_folder.FullName);

    [Fact]
    public async Task Find_PictureDroppedOrPasted_IsComparedAtOnce()
    {
        await using var database = await databases.CreateAsync(Token);
        await GroupedCatalogue.CreateAsync(database, products: 2);
        var bus = AnsweringBus.Create();
        bus.Asked = async asked =>
        {
            var bytes = await Probes.ReadAsync(asked.ProbeId, ProbePart.Received, Token);
            var refusal = ProbeAnswer.Refuse(RejectReasons.TooSmall, $"{bytes?.Length} bytes from '{asked.Uri}'");
            await Probes.WriteAsync(asked.ProbeId, ProbePart.Answer, refusal.ToJson(), Token);
        };
        await using var matcher = await RunningMatcher.StartAsync(database, Token, configure: builder =>
        {
            builder.Services.AddSingleton((IBus)(object)bus);
            builder.Services.AddSingleton<IProbeStore>(Probes);
            builder.Configuration["Matcher:MaxProbeBytes"] = "5000";
        });
        await using var open = await chromium.OpenAsync(new Uri(matcher.Address, "/find"));
        var page = open.Page;

        await page.EvaluateAsync(
            """
            () => {
              const dropped = new DataTransfer();
              dropped.items.add(new File([new Uint8Array(77)], 'a.png', { type: 'image/png' }));
              document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: dropped, bubbles: true, cancelable: true }));
            }
            """);
        await page.GetByText("77 bytes from ''").WaitForAsync();

        await page.EvaluateAsync(
            """
            () => {
              const pasted = new DataTransfer();
              pasted.setData('text/plain', ' https://shop.example/a.jpg ');
              document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData: pasted, bubbles: true, cancelable: true }));
            }
            """);
        await page.GetByText(" bytes from 'https://shop.example/a.jpg'").WaitForAsync();

        // Text is the field's, even with a picture of it beside it.
        await page.EvaluateAsync(
            """
            () => {
              const cells = new DataTransfer();
              cells.setData('text/plain', '4711');
              cells.items.add(new File([new Uint8Array(9)], 'cells.png', { type: 'image/png' }));
              const box = document.querySelector('input[name=q]');
              box.focus();
              window.took = !box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: cells, bubbles: true, cancelable: true }));
            }
            """);
        Assert.False(await page.EvaluateAsync<bool>("() => window.took"));

        // What is too large is not sent.
        await page.Locator("input[type=file]").SetInputFilesAsync(
            new Microsoft.Playwright.FilePayload { Name = "b.png", MimeType = "image/png", Buffer = new byte[5001] });
        await page.GetByText("b.png is too large: 5 kB is the most.").WaitForAsync();
        Assert.False(await page.EvaluateAsync<bool>(
            "() => document.querySelector('#probe').dispatchEvent(new SubmitEvent('submit', { bubbles: true, cancelable: true }))"));
        Assert.True(await page.GetByText("b.png is too large").IsVisibleAsync());
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
