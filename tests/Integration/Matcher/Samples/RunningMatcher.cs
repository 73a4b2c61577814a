using CpfPipeline.Data.Models;
using CpfPipeline.Data.Outbox;
using CpfPipeline.Hosting;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Matcher;
using CpfPipeline.Matcher.Api;
using CpfPipeline.Matcher.Contents;
using CpfPipeline.Matcher.Pages;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NetVips;

namespace CpfPipeline.Tests.Integration.Matcher.Samples;

/// <summary>
/// A Matcher's HTTP on a test database, on a free port: its API and pages, without bus and loops. Thumbnails are drawn: a plain square of a
/// shade by the content's id; of what may not be shown there is none.
/// </summary>
internal sealed class RunningMatcher : IAsyncDisposable
{
    private readonly WebApplication _app;

    private RunningMatcher(WebApplication app)
    {
        _app = app;
        Address = new Uri(app.Urls.Single());
        Client = TestKey.Client(Address, new HttpClientHandler { AllowAutoRedirect = false });
    }

    public Uri Address { get; }

    /// <summary>Follows no redirects, and sends the key of the tests.</summary>
    public HttpClient Client { get; }

    public static async Task<RunningMatcher> StartAsync(
        TestDatabase database, CancellationToken cancellationToken, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["Urls"] = "http://127.0.0.1:0";
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
        configure?.Invoke(builder);
        builder.AddAccess();
        var app = builder.Build();
        app.UseExceptionHandler();
        app.UseAccess();
        app.MapOpenApi().Needs(AccessRole.Read);
        app.MapMatcher();
        app.MapVerdicts();
        app.MapPlaceholders();
        app.MapPages();
        app.MapGet("/contents/{id:long}/thumbnail", async (long id, ShownContentStore contents, CancellationToken token) =>
            await contents.FindAsync(id, token) is null ? Results.NotFound() : Results.Bytes(Square(id), "image/webp"))
            .Needs(AccessRole.Read);
        await app.StartAsync(cancellationToken);
        return new RunningMatcher(app);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }

    private static byte[] Square(long id)
    {
        using var square = Image.Black(320, 320, bands: 3) + new double[] { 60 + (id % 150), 60 + (id / 150 % 150), 160 };
        using var pixels = square.Cast(Enums.BandFormat.Uchar).Copy(interpretation: Enums.Interpretation.Srgb);
        return pixels.WebpsaveBuffer();
    }
}
