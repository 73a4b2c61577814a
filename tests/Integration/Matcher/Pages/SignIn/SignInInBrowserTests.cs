using CpfPipeline.Data.Access;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Tests.Integration.Matcher.Samples;
using Microsoft.Playwright;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.SignIn;

/// <summary>Signing in as a person sees it, after a wrong key and a right one.</summary>
public sealed class SignInInBrowserTests(TestDatabases databases, Chromium chromium)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1280)]
    [InlineData(390)]
    public async Task SignIn_WrongKeyAndThenTheRightOne_SaysWhatIsWrongAndLeadsOn(int width)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var matcher = await RunningMatcher.StartAsync(database, Token);
        await using var open = await chromium.OpenAsync(new Uri(matcher.Address, "/models"), width, height: 700, isSignedIn: false);
        var page = open.Page;
        Assert.EndsWith("/sign-in?to=%2Fmodels", page.Url, StringComparison.Ordinal);

        await page.GetByLabel("Key").FillAsync(ApiKeyText.Make().Reveal());
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await page.GetByRole(AriaRole.Alert).WaitForAsync();

        Assert.Contains("opens nothing", await page.GetByRole(AriaRole.Alert).InnerTextAsync(), StringComparison.Ordinal);
        Assert.True(await page.EvaluateAsync<bool>("document.activeElement.name === 'key' && document.activeElement.value === ''"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        await page.GetByLabel("Key").FillAsync(TestKey.Text);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByText($"Signed in as {TestKey.Name}").WaitForAsync();

        Assert.Equal("/models", new Uri(page.Url).AbsolutePath);
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        // A link that was used is told by a page that looks like one.
        await page.GotoAsync(new Uri(matcher.Address, "/sign-in/links/0").AbsoluteUri);
        Assert.True(await page.EvaluateAsync<bool>("getComputedStyle(document.querySelector('.message')).borderTopWidth === '1px'"));
        Assert.Equal(width, await page.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        // The browser itself notes what was refused, and nothing else is wrong.
        Assert.All(open.Complaints, c => Assert.Contains("401", c, StringComparison.Ordinal));
    }
}
