using System.Net;
using System.Net.Sockets;
using System.Text;
using CpfPipeline.Hosting.Health;
using Microsoft.Extensions.Configuration;
using Xunit;

namespace CpfPipeline.Tests.Unit.Contracts.Hosting.Health;

public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("http://+:8080", "http://127.0.0.1:8080/health/ready")]
    [InlineData("http://*:8080", "http://127.0.0.1:8080/health/ready")]
    [InlineData("http://0.0.0.0:8080;https://0.0.0.0:8443", "http://127.0.0.1:8080/health/ready")]
    [InlineData("http://[::]:8080", "http://127.0.0.1:8080/health/ready")]
    [InlineData(" https://localhost:8443 ", "https://localhost:8443/health/ready")]
    [InlineData("http://127.0.0.1:5001/", "http://127.0.0.1:5001/health/ready")]
    [InlineData("", null)]
    [InlineData("8080", null)]
    [InlineData("ftp://+:21", null)]
    public void AddressIn_Urls_IsThatOfThisMachine(string urls, string? expected) =>
        Assert.Equal(expected, HealthProbe.AddressIn(urls)?.ToString());

    [Theory]
    [InlineData("200 OK", 0)]
    [InlineData("503 Service Unavailable", 1)]
    public async Task Run_ServiceThatAnswers_EndsWithItsWord(string status, int expected)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = ServeAsync(listener, status);
        Assert.Equal(expected, await RunAsync($"http://+:{((IPEndPoint)listener.LocalEndpoint).Port}"));
        Assert.StartsWith("GET /health/ready ", await served, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NobodyListens_EndsWith1()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        Assert.Equal(1, await RunAsync($"http://127.0.0.1:{port}"));
    }

    private static Task<int> RunAsync(string urls) =>
        HealthProbe.RunAsync(new ConfigurationBuilder().AddInMemoryCollection([new("Urls", urls)]).Build());

    private static async Task<string> ServeAsync(TcpListener listener, string status)
    {
        using var client = await listener.AcceptTcpClientAsync();
        var stream = client.GetStream();
        var buffer = new byte[4096];
        var read = await stream.ReadAsync(buffer);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        return Encoding.ASCII.GetString(buffer, 0, read);
    }
}
