using System.Net;
using System.Text.RegularExpressions;
using CpfPipeline.Tests.Integration.Fixtures;
using Xunit;

namespace CpfPipeline.Tests.Integration.Matcher.Pages.Review;

/// <summary>A browser without script: keeps cookies, follows redirects, and sends the forms of the page that it is on.</summary>
internal sealed partial class ReviewVisitor(Uri address) : IDisposable
{
    private readonly HttpClient _client = TestKey.Client(
        address, new HttpClientHandler { CookieContainer = new CookieContainer() });

    /// <summary>Address of the page.</summary>
    public string At { get; private set; } = "/";

    /// <summary>The page's HTML, entities decoded.</summary>
    public string Html { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    private string _raw = "";

    /// <summary>A visitor whose name is asked already: ann.</summary>
    public static async Task<ReviewVisitor> NamedAsync(Uri address)
    {
        var visitor = new ReviewVisitor(address);
        await visitor.GoAsync("/review/name");
        await visitor.SendAsync("/review/name", ("who", "ann"));
        return visitor;
    }

    public async Task GoAsync(string to) => await ReadAsync(await _client.GetAsync(to, TestContext.Current.CancellationToken));

    /// <summary>Sends the form with this action, its hidden fields, and the given ones beside or in place of them.</summary>
    public async Task SendAsync(string action, params (string Name, string Value)[] fields)
    {
        var form = Forms().Matches(_raw).FirstOrDefault(f => f.Groups["action"].Value == action);
        Assert.True(form is not null, $"{At} has no form with the action {action}.");
        var values = Hidden().Matches(form.Groups["body"].Value).Select(m => (
            Name: m.Groups["name"].Value, Value: WebUtility.HtmlDecode(m.Groups["value"].Value)));
        await PostAsync(action, [.. values.Where(v => fields.All(f => f.Name != v.Name)), .. fields]);
    }

    /// <summary>Posts what no form of the page holds.</summary>
    public async Task PostAsync(string to, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        await ReadAsync(await _client.PostAsync(to, content, TestContext.Current.CancellationToken));
    }

    /// <summary>Value of a hidden field of the page.</summary>
    public string Field(string name) =>
        Hidden().Matches(_raw).First(m => m.Groups["name"].Value == name).Groups["value"].Value;

    public void Dispose() => _client.Dispose();

    private async Task ReadAsync(HttpResponseMessage answer)
    {
        (At, Status) = (answer.RequestMessage!.RequestUri!.PathAndQuery, answer.StatusCode);
        _raw = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Html = WebUtility.HtmlDecode(_raw);
    }

    [GeneratedRegex("<form[^>]*action=\"(?<action>[^\"]+)\"[^>]*>(?<body>.*?)</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]+)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Hidden();
}
