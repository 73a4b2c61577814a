using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CpfPipeline.Hosting.Access.Roles;
using CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Samples;
using CpfPipeline.Tests.Integration.Fixtures;
using CpfPipeline.Vocabulary;
using Microsoft.AspNetCore.Builder;
using Xunit;

namespace CpfPipeline.Tests.Integration.Contracts.Hosting.Access.Limits;

/// <summary>What a service takes of anybody: bodies and connections.</summary>
public sealed class ServerLimitsTests(TestDatabases databases)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Body_OfMoreThanAMegabyte_IsRefused(bool isChunked)
    {
        await using var database = await databases.CreateAsync(Token);
        await using var service = await SmallService.StartAsync(database, app =>
        {
            app.MapPost("/bound", (JsonElement body) => body.ValueKind.ToString()).Needs(AccessRole.Operate);
            app.MapPost("/read", async (Stream body) => await new StreamReader(body).ReadToEndAsync()).Needs(AccessRole.Operate);
        });
        using var client = service.Client(TestKey.Text);

        foreach (var path in new[] { "/bound", "/read" })
        {
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(path, 1_000_000)).StatusCode);
            Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(path, 1_100_000)).StatusCode);
        }

        async Task<HttpResponseMessage> PostAsync(string path, int length)
        {
            using var content = JsonContent.Create(new string('a', length));
            if (!isChunked)
            {
                await content.LoadIntoBufferAsync(Token);
            }

            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
            request.Headers.TransferEncodingChunked = isChunked;
            request.Headers.ExpectContinue = true; // A client that sends on while the connection is closed may not see the answer.
            return await client.SendAsync(request, Token);
        }
    }

    [Fact]
    public async Task Connections_BeyondTheLimit_AreClosedAndTheOthersGoOn()
    {
        await using var database = await databases.CreateAsync(Token);
        await using var service = await SmallService.StartAsync(database, _ => { }, null, "--Access:Limits:Connections", "3");
        var held = new List<TcpClient>();
        try
        {
            for (var i = 0; i < 3; i++)
            {
                held.Add(await ConnectAsync());
                Assert.StartsWith("HTTP/1.1 401", await AskAsync(held[i]), StringComparison.Ordinal);
            }

            using var further = await ConnectAsync();
            Assert.Empty(await AskAsync(further));
            Assert.StartsWith("HTTP/1.1 401", await AskAsync(held[0]), StringComparison.Ordinal);
        }
        finally
        {
            held.ForEach(c => c.Dispose());
        }

        async Task<TcpClient> ConnectAsync()
        {
            var client = new TcpClient();
            await client.ConnectAsync(service.Address.Host, service.Address.Port, Token);
            return client;
        }

        async Task<string> AskAsync(TcpClient client)
        {
            try
            {
                var stream = client.GetStream();
                var request = $"GET /nothing HTTP/1.1\r\nHost: {service.Address.Authority}\r\n\r\n";
                await stream.WriteAsync(Encoding.ASCII.GetBytes(request), Token);
                var buffer = new byte[4096];
                return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer, Token));
            }
            catch (IOException)
            {
                return ""; // Closed, with what was sent unread.
            }
        }
    }
}
