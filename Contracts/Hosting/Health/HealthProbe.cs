using Microsoft.Extensions.Configuration;

namespace CpfPipeline.Hosting.Health;

/// <summary>
/// Asks the service of the same machine whether it is ready: for images without a shell, whose engine asks by starting a program.
/// </summary>
public static class HealthProbe
{
    /// <summary>The word on the command line.</summary>
    public const string Word = "health";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    /// <summary>Prints what the service says.</summary>
    /// <param name="configuration">Has the service's <c>Urls</c>.</param>
    /// <returns>0 when it is ready, else 1.</returns>
    public static async Task<int> RunAsync(IConfiguration configuration)
    {
        if (AddressIn(configuration["Urls"] ?? "") is not { } address)
        {
            Console.WriteLine("no address: set Urls");
            return 1;
        }

        // Its certificate has the name that others call it by. Nothing is told here, and one word is heard.
        using var handler = new SocketsHttpHandler { UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        using var client = new HttpClient(handler) { Timeout = Patience };
        try
        {
            using var answer = await client.GetAsync(address);
            Console.WriteLine(answer.IsSuccessStatusCode ? "ready" : $"not ready ({(int)answer.StatusCode})");
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            Console.WriteLine($"no answer: {e.Message}");
            return 1;
        }
    }

    /// <summary>Where a service that listens at these addresses is asked; null when it listens nowhere.</summary>
    /// <param name="urls">As the setting <c>Urls</c> has them: <c>http://0.0.0.0:8080;https://+:8443</c>.</param>
    public static Uri? AddressIn(string urls)
    {
        var first = urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();

        // "+" and "*" are Kestrel's words for every address of the machine.
        return Uri.TryCreate(first?.Replace("//+", "//0.0.0.0", StringComparison.Ordinal)
            .Replace("//*", "//0.0.0.0", StringComparison.Ordinal), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new UriBuilder(uri) { Host = uri.Host is "0.0.0.0" or "[::]" ? "127.0.0.1" : uri.Host, Path = "/health/ready" }.Uri
            : null;
    }
}
