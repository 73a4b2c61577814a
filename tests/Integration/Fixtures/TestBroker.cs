using System.Diagnostics;
using Xunit;

namespace CpfPipeline.Tests.Integration.Fixtures;

/// <summary>
/// Virtual hosts on a real RabbitMQ, removed at the end of the run. <c>CPF_TEST_RABBITMQ</c> is the amqp URI of a user,
/// <c>CPF_TEST_RABBITMQ_CTL</c> the script that makes and removes virtual hosts for it; <c>infra/cpf test</c> sets both.
/// </summary>
public sealed class TestBroker : IAsyncLifetime
{
    private const string AddressVariable = "CPF_TEST_RABBITMQ";
    private const string ControlVariable = "CPF_TEST_RABBITMQ_CTL";
    private readonly string _run = Guid.NewGuid().ToString("N")[..10];
    private readonly List<string> _hosts = [];

    /// <summary>The amqp URI of a new virtual host.</summary>
    public async Task<Uri> CreateHostAsync(CancellationToken cancellationToken = default)
    {
        var address = new UriBuilder(TestServer.Required(AddressVariable));
        string name;
        lock (_hosts)
        {
            name = $"test-{_run}-{_hosts.Count + 1}";
            _hosts.Add(name);
        }

        await ControlAsync(cancellationToken, "add-vhost", name);
        address.Path = name;
        return address.Uri;
    }

    /// <summary>Address of a virtual host for a new user with rights for it alone. The user goes with the broker.</summary>
    /// <param name="host">Address of the virtual host.</param>
    /// <param name="configure">Pattern of what it may declare and delete.</param>
    /// <param name="write">Pattern of what it may publish to.</param>
    /// <param name="read">Pattern of what it may read from.</param>
    public async Task<Uri> CreateUserAsync(Uri host, string configure, string write, string read)
    {
        var name = $"user-{Guid.NewGuid():N}";
        await ControlAsync(CancellationToken.None, "admin", "declare", "user", $"name={name}", "password=secret", "tags=");
        await ControlAsync(CancellationToken.None, "admin", "declare", "permission",
            $"vhost={host.AbsolutePath.TrimStart('/')}", $"user={name}", $"configure={configure}", $"write={write}", $"read={read}");
        return new UriBuilder(host) { UserName = name, Password = "secret" }.Uri;
    }

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_hosts.Count > 0)
        {
            await ControlAsync(CancellationToken.None, ["delete-vhost", .. _hosts]);
        }
    }

    private static async Task ControlAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(TestServer.Required(ControlVariable), arguments)
            {
                RedirectStandardError = true, RedirectStandardOutput = true,
            })!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', arguments)} failed: {errors}");
        }
    }
}
