using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Roles;

/// <summary>Who may ask which endpoint of which service: what the endpoints declare, what is documented, and what happens.</summary>
[Collection(AccessServices.Collection)]
public sealed partial class EndpointRolesTests(AccessServices services)
{
    private static readonly UriCreationOptions RawPath = new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Endpoints_OfEveryService_DeclareOneRoleOrAreForAnybody()
    {
        var wrong = from service in AccessServices.Names
                    from endpoint in services.Endpoints(service)
                    let roles = endpoint.Metadata.GetOrderedMetadata<NeededRole>()
                    let isOpen = endpoint.Metadata.GetMetadata<IAllowAnonymous>() is not null
                    where roles.Count + (isOpen ? 1 : 0) != 1 || roles.Any(r => r.OneOf.Except(AccessRole.All).Any())
                    select $"{service} {endpoint.RoutePattern.RawText}: {roles.Count} roles, open: {isOpen}";

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Endpoints_OfEveryService_AreThoseOfTheDocumentedTable()
    {
        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root(), "infra", "SECURITY.md"), Token);
        var documented = Rows().Matches(page).SelectMany(row => Routes().Matches(row.Groups["routes"].Value)
            .Select(route => $"{row.Groups["service"].Value} {route.Groups[1].Value} {row.Groups["role"].Value}"));
        var declared = from service in AccessServices.Names
                       from endpoint in services.Endpoints(service)
                       select $"{service} {Describe(endpoint)} {RoleOf(endpoint) ?? "anybody"}";

        Assert.Equal(declared.Distinct().Order(StringComparer.Ordinal), documented.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Ingest")]
    [InlineData("Embedder")]
    [InlineData("Matcher")]
    [InlineData("Trainer")]
    public async Task Request_WithEachRole_IsTakenWithItsOwnRoleOnly(string service)
    {
        var clients = new Dictionary<string, HttpClient>();
        using var stranger = new HttpClient(
            new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = services.Address(service) };
        foreach (var role in AccessRole.All)
        {
            var key = await TestKey.MakeAsync(services.Database, $"{service}-{role}", [role]);
            clients[role] = TestKey.Client(services.Address(service), new HttpClientHandler { AllowAutoRedirect = false }, key);
        }

        var wrong = new List<string>();
        foreach (var endpoint in services.Endpoints(service).Where(e => RoleOf(e) is not null))
        {
            foreach (var method in MethodsOf(endpoint))
            {
                var needed = endpoint.Metadata.GetMetadata<NeededRole>()!.OneOf;
                await ExpectAsync(stranger, "nobody", method, endpoint, s => s == HttpStatusCode.Unauthorized);
                foreach (var (role, client) in clients)
                {
                    await ExpectAsync(client, role, method, endpoint, s => needed.Contains(role) && !NeedsMore(endpoint)
                        ? s is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests)
                        : s == HttpStatusCode.Forbidden);
                }
            }
        }

        foreach (var client in clients.Values)
        {
            client.Dispose();
        }

        Assert.Empty(wrong);

        async Task ExpectAsync(
            HttpClient client, string who, string method, RouteEndpoint endpoint, Func<HttpStatusCode, bool> isRight)
        {
            // A body that no route takes: what is allowed is refused for it, and nothing changes.
            var path = PathOf(endpoint);
            using var request = new HttpRequestMessage(new HttpMethod(method), path)
            {
                Content = method is "GET" or "HEAD" or "DELETE" ? null : BodyFor(endpoint),
            };
            using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            if (!isRight(answer.StatusCode))
            {
                wrong.Add($"{who}: {method} {path} answered {(int)answer.StatusCode}");
            }
        }
    }

    [Theory]
    [InlineData("Ingest")]
    [InlineData("Embedder")]
    [InlineData("Matcher")]
    [InlineData("Trainer")]
    public async Task Request_SpelledInAnotherWay_IsNoWayAroundTheRole(string service)
    {
        var key = await TestKey.MakeAsync(services.Database, $"{service}-spells", [AccessRole.Erase]);
        using var client = TestKey.Client(services.Address(service), new HttpClientHandler { AllowAutoRedirect = false }, key);
        var open = services.Endpoints(service).Where(e => RoleOf(e) is null).Select(PathOf).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var taken = new List<string>();
        foreach (var endpoint in services.Endpoints(service).Where(e => RoleOf(e) is { } role && role != AccessRole.Erase))
        {
            var path = PathOf(endpoint);
            foreach (var spelled in new[] { path, path.ToUpperInvariant(), "/" + path, path.TrimEnd('/') + "/", path.TrimEnd('/') + "/." })
            {
                if (open.Contains(spelled.TrimEnd('.').TrimEnd('/')) || open.Contains(spelled))
                {
                    continue;
                }

                foreach (var method in MethodsOf(endpoint).Concat(["HEAD", "OPTIONS"]).Distinct())
                {
                    // Told apart by the address as it is sent: the client puts none in order.
                    using var request = new HttpRequestMessage(
                        new HttpMethod(method),
                        new Uri(services.Address(service).GetLeftPart(UriPartial.Authority) + spelled, RawPath))
                    {
                        Content = method is "POST" or "PUT" ? BodyFor(endpoint) : null,
                    };
                    request.Headers.Add("X-HTTP-Method-Override", MethodsOf(endpoint)[0]);
                    request.Headers.Add("X-Original-URL", "/health/live");
                    using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
                    if ((int)answer.StatusCode is < 400 or >= 500 or 429)
                    {
                        taken.Add($"{method} {spelled} answered {(int)answer.StatusCode}");
                    }
                }
            }
        }

        Assert.Empty(taken);
    }

    [Theory]
    [InlineData("Ingest")]
    [InlineData("Embedder")]
    [InlineData("Matcher")]
    [InlineData("Trainer")]
    public async Task Probes_WithoutAKey_SayOneWord(string service)
    {
        using var stranger = new HttpClient { BaseAddress = services.Address(service) };

        Assert.Equal("live", await stranger.GetStringAsync("/health/live", Token));
        using var ready = await stranger.GetAsync("/health/ready", Token);
        Assert.Contains(await ready.Content.ReadAsStringAsync(Token), new[] { "ready", "not ready" });
        using var health = await stranger.GetAsync("/health", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, health.StatusCode);
        using var nothing = await stranger.GetAsync("/no/such/page", Token);
        Assert.Equal(HttpStatusCode.Unauthorized, nothing.StatusCode);
    }

    [Fact]
    public async Task Train_Alone_ActivatesNoModel()
    {
        using var trains = TestKey.Client(
            services.Address("Trainer"), key: await TestKey.MakeAsync(services.Database, "trains", [AccessRole.Train]));
        using var form = new MultipartFormDataContent { { new StringContent("{}"), "report.json", "report.json" } };
        using var brought = await trains.PostAsync("/models", form, Token);
        Assert.Equal(HttpStatusCode.Forbidden, brought.StatusCode);
        var run = Guid.NewGuid();
        await services.Database.ExecuteAsync(
            "insert into cpf.training_runs (run_id, kind, trigger, state, request) values ($1, 'activation', 'http', 'finished', '{}')",
            run);
        using var cancelled = await trains.PostAsync($"/trainings/{run}/cancel", null, Token);
        Assert.Equal(HttpStatusCode.Forbidden, cancelled.StatusCode);
        using var all = TestKey.Client(services.Address("Trainer"));
        using var ended = await all.PostAsync($"/trainings/{run}/cancel", null, Token);
        Assert.Equal(HttpStatusCode.Conflict, ended.StatusCode);
    }

    [Theory]
    [InlineData("/hangfire")]
    [InlineData("/hangfire/recurring")]
    [InlineData("/hangfire/jobs/enqueued")]
    [InlineData("/hangfire/js10000")]
    public async Task Dashboard_WithoutAKey_IsClosedAlsoOnThisMachine(string path)
    {
        using var stranger = new HttpClient { BaseAddress = services.Address("Trainer") };
        foreach (var forged in new[] { null, "127.0.0.1", "8.8.8.8" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            if (forged is not null)
            {
                request.Headers.Add("X-Forwarded-For", forged);
            }

            using var answer = await stranger.SendAsync(request, Token);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.StartsWith("Bearer", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        // A browser's cookie alone presses none of its buttons.
        using var operating = TestKey.Client(services.Address("Trainer"));
        using var browser = new HttpClient(
            new HttpClientHandler { CookieContainer = new CookieContainer() }) { BaseAddress = services.Address("Trainer") };
        using var link = await operating.PostAsync("/sign-in/links", null, Token);
        var signIn = (string)JsonNode.Parse(await link.Content.ReadAsStringAsync(Token))!["path"]!;
        using var signedIn = await browser.PostAsync(signIn, new FormUrlEncodedContent([new("to", "/hangfire")]), Token);
        Assert.Equal(HttpStatusCode.OK, signedIn.StatusCode);
        using var pressed = await browser.PostAsync(
            "/hangfire/recurring/trigger", new FormUrlEncodedContent([new("jobs[]", "night")]), Token);
        Assert.False(pressed.IsSuccessStatusCode, $"The dashboard answered {(int)pressed.StatusCode} to an unsigned form.");
        using var shown = await operating.GetAsync("/hangfire/recurring", Token);
        Assert.Equal(HttpStatusCode.OK, shown.StatusCode);
    }

    // Bringing in a model also needs operate.
    private static bool NeedsMore(RouteEndpoint endpoint) => Describe(endpoint) == "POST /models/";

    private static string? RoleOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<NeededRole>() is { } needed ? string.Join(" or ", needed.OneOf) : null;

    private static string Describe(RouteEndpoint endpoint) =>
        $"{string.Join('/', MethodsOf(endpoint))} /{endpoint.RoutePattern.RawText!.TrimStart('/')}";

    private static IReadOnlyList<string> MethodsOf(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods is { Count: > 0 } methods ? methods : ["GET", "POST"];

    // Of a type that the route takes; else the router answers before anybody asks for a role.
    private static StringContent BodyFor(RouteEndpoint endpoint)
    {
        var body = new StringContent("no body of any route");
        body.Headers.ContentType = new MediaTypeHeaderValue(
            endpoint.Metadata.GetMetadata<IAcceptsMetadata>()?.ContentTypes is [var type, ..] ? type : "application/json");
        return body;
    }

    private static string PathOf(RouteEndpoint endpoint) => Parameters().Replace(
        $"/{endpoint.RoutePattern.RawText!.TrimStart('/')}",
        p => p.Value.Contains(":guid", StringComparison.Ordinal) ? "00000000-0000-0000-0000-000000000001"
            : p.Value.Contains(":long", StringComparison.Ordinal) ? "999999" : "x");

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameters();

    [GeneratedRegex(@"^\| (?<service>Ingest|Embedder|Matcher|Trainer) \| (?<role>[a-z ]+) \| (?<routes>.+) \|\r?$", RegexOptions.Multiline)]
    private static partial Regex Rows();

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Routes();
}
