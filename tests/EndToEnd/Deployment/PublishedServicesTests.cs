using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using CpfPipeline.Tests.EndToEnd.Fixtures;
using Npgsql;
using Xunit;

namespace CpfPipeline.Tests.EndToEnd.Deployment;

/// <summary>
/// The images, as far as they can be had without a container engine: what they would hold is published, laid elsewhere, and started from
/// empty folders by a user without rights, with settings in files, on a database that the image's own tool has made.
/// </summary>
public sealed class PublishedServicesTests(SharedStack shared)
{
    private const UnixFileMode ForAll = (UnixFileMode)0b111_111_111;
    private const string Name = "image";

    private static readonly string[] Services = ["Ingest", "Embedder", "Matcher", "Joiner", "Trainer"];

    // The packages of runtime-deps, chiseled: C library, GCC's libraries, OpenSSL. The loader is asked for by its name.
    private static readonly HashSet<string> OfTheBase =
    [
        "libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libresolv.so.2", "ld-linux-x86-64.so.2",
        "libgcc_s.so.1", "libstdc++.so.6", "libssl.so.3", "libcrypto.so.3",
    ];

    [Fact]
    public async Task Images_StartedByNobodyFromEmptyFolders_TakeAPictureInAndMatchIt()
    {
        using var image = await ImageFolder.PublishAsync(Cli.Checkout);
        Assert.Empty(Services.SelectMany(s => image.MissingLibraries(s, OfTheBase)));

        var (home, running) = (Directory.CreateTempSubdirectory("cpf-e2e-run-").FullName, new Dictionary<string, UnprivilegedProcess>());
        File.SetUnixFileMode(home, ForAll);
        try
        {
            await WriteSecretsAsync(home);
            var key = await PrepareAsync(image, home);
            var addresses = Services.ToDictionary(s => s, _ => FreeAddress());
            foreach (var service in Services)
            {
                running[service] = Start(image, home, service, [], Settings(home, addresses[service]));
            }

            using var client = new HttpClient { DefaultRequestHeaders = { Authorization = new("Bearer", key) } };
            foreach (var path in new[] { "/health/live", "/health/ready" })
            {
                foreach (var service in Services)
                {
                    await UntilAnswersAsync(client, new Uri(addresses[service], path), running[service]);
                }
            }

            // As the engine asks, which also asks again.
            foreach (var service in Services)
            {
                await Stack.UntilAsync(
                    async () =>
                    {
                        await using var probe = Start(image, home, service, ["health"], Settings(home, addresses[service]));
                        return await probe.EndAsync() == 0 && probe.Output.Trim() == "ready";
                    },
                    $"{service} says that it is ready");
            }

            await MatchAsync(client, addresses);
            foreach (var service in Services)
            {
                await running[service].TerminateAsync();
            }

            foreach (var service in Services)
            {
                await running[service].ExpectAsync(0);
            }
        }
        finally
        {
            foreach (var process in running.Values)
            {
                await process.DisposeAsync();
            }

            Directory.Delete(home, recursive: true);
            await shared.Stack.ExecuteAsSuperuserAsync($"drop database if exists {Name} with (force)");
            await BrokerAsync("delete-vhost");
        }
    }

    // The picture goes through all: HTTP, store, bus, decoder, network, groups. The walls stand though nobody has any right.
    private static async Task MatchAsync(HttpClient client, Dictionary<string, Uri> addresses)
    {
        JsonElement health = default;
        await Stack.UntilAsync(
            async () =>
            {
                using var said = await client.GetAsync(new Uri(addresses["Embedder"], "/health"));
                health = JsonDocument.Parse(await said.Content.ReadAsStringAsync()).RootElement;
                return said.IsSuccessStatusCode;
            },
            "the Embedder is well");
        Assert.DoesNotContain(
            health.GetProperty("details").GetProperty("decode_walls").GetProperty("missing").EnumerateArray(),
            w => w.GetString() != "network");

        var picture = Directory.EnumerateFiles(Cli.Pictures, "google.png", SearchOption.AllDirectories).First();
        var bytes = new ByteArrayContent(await File.ReadAllBytesAsync(picture));
        bytes.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        using var form = new MultipartFormDataContent
        {
            { new StringContent("shop"), "source" },
            { new StringContent("one"), "external_id" },
            { bytes, "file", "one.png" },
        };
        using var answer = await client.PostAsync(new Uri(addresses["Ingest"], "/images/upload"), form);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        await Stack.UntilAsync(
            async () => JsonDocument.Parse(await client.GetStringAsync(new Uri(addresses["Ingest"], "/images/shop/one"))).RootElement
                .GetProperty("status").GetString() == "matched",
            "the picture is matched");
    }

    private async Task WriteSecretsAsync(string home)
    {
        string Login(string user) => new NpgsqlConnectionStringBuilder(shared.Stack.PostgresSuperuser)
        {
            Database = Name,
            Username = user,
            Password = Guid.NewGuid().ToString("N"),
        }.ConnectionString;
        await BrokerAsync("add-vhost");
        var settings = Directory.CreateDirectory(Path.Combine(home, "settings")).FullName;
        await File.WriteAllTextAsync(Path.Combine(settings, "ConnectionStrings__Postgres"), Login("image_service") + "\n");
        await File.WriteAllTextAsync(
            Path.Combine(settings, "ConnectionStrings__RabbitMq"), new Uri(shared.Stack.RabbitMq, $"/{Name}") + "\n");
        await File.WriteAllTextAsync(Path.Combine(home, "owner"), Login("image_owner") + "\n");
        await File.WriteAllTextAsync(Path.Combine(home, "superuser"), shared.Stack.PostgresSuperuser + "\n");
        foreach (var folder in new[] { "data", "erasures" })
        {
            Directory.CreateDirectory(Path.Combine(home, folder));
            File.SetUnixFileMode(Path.Combine(home, folder), ForAll);
        }
    }

    /// <returns>The first key.</returns>
    private static async Task<string> PrepareAsync(ImageFolder image, string home)
    {
        var environment = new Dictionary<string, string>
        {
            ["CPF_POSTGRES_FILE"] = Path.Combine(home, "owner"),
            ["CPF_POSTGRES_SERVICE_FILE"] = Path.Combine(home, "settings", "ConnectionStrings__Postgres"),
            ["CPF_POSTGRES_SUPERUSER_FILE"] = Path.Combine(home, "superuser"),
        };
        await using var migrate = Start(image, home, "Cli", ["migrate"], environment);
        Assert.Contains("services connect as image_service\n", await migrate.ExpectAsync(0), StringComparison.Ordinal);
        await using var wait = Start(image, home, "Cli", ["migrate", "--wait"], environment);
        await wait.ExpectAsync(0);
        await using var add = Start(image, home, "Cli", ["keys", "add", "image", "--role", "read", "--role", "submit"], environment);
        return (await add.ExpectAsync(0)).Split('\n').Single(line => line.StartsWith("cpf_", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Settings(string home, Uri address) => new()
    {
        ["Secrets__Folder"] = Path.Combine(home, "settings"),
        ["Urls"] = address.ToString().TrimEnd('/'),
        ["Blobs__Folder"] = Path.Combine(home, "data", "blobs"),
        ["Ingest__TombstoneKeyFile"] = Path.Combine(home, "data", "tombstone.key"),
        ["Ingest__ErasureRecordFolder"] = Path.Combine(home, "erasures"),
        ["Trainer__WorkFolder"] = Path.Combine(home, "data", "trainings"),
        ["Embedder__Decoding__RequireWalls"] = "true",
        ["DOTNET_EnableDiagnostics"] = "0",
        ["ASPNETCORE_HTTP_PORTS"] = "",
    };

    private static UnprivilegedProcess Start(
        ImageFolder image, string home, string program, string[] words, Dictionary<string, string> environment)
    {
        var empty = Directory.CreateDirectory(Path.Combine(home, $"{program}-{Guid.NewGuid():N}")).FullName;
        File.SetUnixFileMode(empty, ForAll);
        return new UnprivilegedProcess(image.Assembly(program), words, empty, environment);
    }

    private static Task UntilAnswersAsync(HttpClient client, Uri address, UnprivilegedProcess process) => Stack.UntilAsync(
        async () =>
        {
            Assert.False(process.HasEnded, process.Output);
            try
            {
                using var answer = await client.GetAsync(address);
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        },
        $"{address} answers");

    private async Task BrokerAsync(string word)
    {
        var start = new ProcessStartInfo("bash", [Path.Combine(Cli.Checkout, "infra", "local", "rabbitmq.sh"), word, Name]);
        start.Environment["CPF_HOME"] = shared.Stack.Home;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }

    private static Uri FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return new Uri($"http://{listener.LocalEndpoint}");
    }
}
