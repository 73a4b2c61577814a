using System.Globalization;
using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Api;
using CpfPipeline.Matcher.Pages;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>
/// A Matcher's HTTP on a test database, on a free port: its API and pages, without bus and loops. Thumbnails are drawn: a plain square of a
/// colour by the content's id.
/// </summary>
internal sealed class RunningMatcher : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningMatcher(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address };
    }

    public Uri Address { get; }

    /// <summary>Follows no redirects.</summary>
    public HttpClient Client { get; }

    public static async Task<RunningMatcher> StartAsync(
        TestDatabase database, CancellationToken cancellationToken, string operatorToken = "")
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
        builder.Configuration[$"{MatcherOptions.Section}:{nameof(MatcherOptions.OperatorToken)}"] = operatorToken;
        builder.Services.AddSingleton(database.DataSource);
        builder.Services.AddSingleton<ModelStore>();
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddMatcher();
        builder.Services.AddSingleton<DispatchOutbox>((_, _) => Task.CompletedTask);
        foreach (var loop in builder.Services.Where(s => s.ServiceType == typeof(IHostedService)
            && s.ImplementationType?.Namespace?.StartsWith("CpfPipeline", StringComparison.Ordinal) == true).ToArray())
        {
            builder.Services.Remove(loop); // The test calls what they would do.
        }

        builder.Services.ConfigureHttpJsonOptions(options => ApiConventions.Configure(options.SerializerOptions));
        var app = builder.Build();
        app.UseExceptionHandler();
        app.MapOpenApi();
        app.MapMatcher();
        app.MapVerdicts();
        app.MapPlaceholders();
        app.MapPages();
        app.MapGet("/contents/{id:long}/thumbnail", (long id) => Results.Content(Square(id), "image/svg+xml"));
        await app.StartAsync(cancellationToken);
        return new RunningMatcher(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static string Square(long id) => string.Create(CultureInfo.InvariantCulture, $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 320" width="320" height="320"><rect width="320" height="320"
        fill="hsl({id % 360} 60% 55%)"/></svg>
        """);
}
