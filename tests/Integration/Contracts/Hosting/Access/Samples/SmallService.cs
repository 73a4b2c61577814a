using System.Collections.Concurrent;
using CpfPipeline.Hosting.Access;
using CpfPipeline.Hosting.Health;
using CpfPipeline.Tests.Integration.Fixtures;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Samples;

/// <summary>A service with the policy of all services, routes of the test's own, and every log line kept.</summary>
internal sealed class SmallService : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SmallService(WebApplication app, Lines log)
    {
        (_app, Log) = (app, log);
        Address = new Uri(app.Urls.First());
    }

    public Uri Address { get; }

    /// <summary>What was logged, of every level.</summary>
    public Lines Log { get; }

    public static async Task<SmallService> StartAsync(
        TestDatabase database, Action<WebApplication> map, TimeProvider? time = null, params string[] settings) =>
        await StartAsync(database.DataSource, map, time, settings);

    public static async Task<SmallService> StartAsync(
        NpgsqlDataSource database, Action<WebApplication> map, TimeProvider? time, params string[] settings)
    {
        var log = new Lines();
        var builder = WebApplication.CreateBuilder(settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        builder.Logging.AddProvider(log);
        builder.Services.AddSingleton(database);
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.Services.AddProblemDetails();
        builder.AddAccess();
        var app = builder.Build();
        app.UseFailureAnswers();
        app.UseStatusCodePages();
        app.UseAccess();
        map(app);
        await app.StartAsync();
        return new SmallService(app, log);
    }

    /// <summary>A client that sends a key; null: none.</summary>
    public HttpClient Client(string? key) => key is null
        ? new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = Address }
        : TestKey.Client(Address, new HttpClientHandler { AllowAutoRedirect = false }, key);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Keeps log lines.</summary>
    internal sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
        {
            All.Enqueue($"{state}");
            return null;
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            All.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
