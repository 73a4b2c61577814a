using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Microsoft.Playwright;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>A reviewer at the review page in a real Chromium.</summary>
internal static class ReviewBrowser
{
    /// <summary>The pair that is shown.</summary>
    public const string Shown = "#pair .pair-card";

    /// <summary>Measures from a key to the moment at which another pair is there with both pictures decoded.</summary>
    public const string Stopwatch = """
        () => {
          window.keyToPicture = [];
          let pressed = 0;
          document.addEventListener("keydown", (event) => { pressed = "ynu".includes(event.key) ? performance.now() : 0; }, true);
          new MutationObserver(() => {
            const images = [...document.querySelectorAll("#pair .pair-card img")];
            const since = pressed;
            if (images.length !== 2 || !since) return;
            pressed = 0;
            Promise.all(images.map((image) => image.decode())).then(() => window.keyToPicture.push(performance.now() - since));
          }).observe(document.querySelector("#pair"), { childList: true });
        }
        """;

    /// <summary>How long anything in the page may take.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);


    /// <summary>Pairs that have no picture in common, so that no answer settles another.</summary>
    public static async Task<ReviewWorld> PairsAsync(TestDatabases databases, int count)
    {
        var world = await ReviewWorld.CreateAsync(databases, products: 2 * count, each: 1);
        await world.Database.ExecuteAsync("delete from cpf.matches");
        foreach (var (pair, i) in world.Ids.Chunk(2).Select((p, i) => (p, i)))
        {
            await world.Database.ExecuteAsync(
                "insert into cpf.matches values ($1, $2, $3, $4)", world.Catalogue.Model.HeadId, pair.Min(), pair.Max(),
                0.9 + (i / 1000.0));
        }

        return world;
    }

    /// <summary>A page, opened by a reviewer whose name is asked already.</summary>
    public static async Task<OpenPage> OpenAsync(
        Chromium chromium, RunningMatcher matcher, string address = "/review", int width = 1280, ColorScheme scheme = ColorScheme.Light)
    {
        var open = await chromium.OpenAsync(
            new Uri(matcher.Address, $"/review/name?to={Uri.EscapeDataString(address)}"), width, 844, scheme);
        await open.Page.FillAsync("input[name=who]", "ann");
        await open.Page.Keyboard.PressAsync("Enter");
        await open.Page.WaitForURLAsync(url => !url.Contains("/review/name", StringComparison.Ordinal));
        if (!address.StartsWith("/gallery", StringComparison.Ordinal))
        {
            await open.Page.WaitForSelectorAsync(Shown);
            await UntilAsync(open.Page, "document.querySelector('#pair').getAttribute('aria-busy') === 'false'");
        }

        return open;
    }

    /// <summary>Waits for a condition. Playwright's own wait evaluates text in the page, which the pages' policy forbids.</summary>
    public static Task UntilAsync(IPage page, string condition, string? argument = null)
    {
        var function = condition.Contains("=>", StringComparison.Ordinal) && argument is not null ? condition : $"() => {condition}";
        return Until.TrueAsync(() => page.EvaluateAsync<bool>(function, argument), $"{condition} with {argument}");
    }

    /// <summary>The two pictures that are shown: their ids.</summary>
    public static async Task<string> ShownAsync(IPage page)
    {
        await page.WaitForSelectorAsync(Shown);
        return (await page.GetAttributeAsync(Shown, "id"))!["pair-".Length..];
    }

    /// <summary>Answers the shown pair by a key, and waits for another one.</summary>
    public static async Task AnswerAsync(IPage page, string pair, string key)
    {
        await page.Keyboard.PressAsync(key);
        await UntilAsync(
            page, "pair => { const card = document.querySelector('#pair .pair-card'); return card ? card.id !== pair "
            + ": !document.querySelector('#no-pair').hidden; }", $"pair-{pair}");
    }
}
